import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { profilesApp } from './app.ts'
import { settings } from './settings.ts'
import { profilesStore } from './store.ts'

run('profiles', settings, ({ settings: { DATABASE_URL, JWKS }, log }) => {
  const pg = openPg(DATABASE_URL, { name: 'profiles' })
  const app = profilesApp({ store: profilesStore(pg), log, jwks: JWKS })
  return { listen: serveHttp(app, pg.ready), close: pg.close }
})
