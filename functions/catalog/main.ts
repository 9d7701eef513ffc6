import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { catalogApp } from './app.ts'
import { settings } from './settings.ts'
import { catalogStore } from './store.ts'

run('catalog', settings, ({ settings: { DATABASE_URL }, log }) => {
  const pg = openPg(DATABASE_URL, { name: 'catalog' })
  const app = catalogApp({ store: catalogStore(pg), log })
  return { listen: serveHttp(app, pg.ready), close: pg.close }
})
