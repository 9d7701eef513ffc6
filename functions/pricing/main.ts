import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { pricingApp } from './app.ts'
import { settings } from './settings.ts'
import { pricingStore } from './store.ts'

run('pricing', settings, ({ settings: { DATABASE_URL }, log }) => {
  const pg = openPg(DATABASE_URL, { name: 'pricing' })
  const app = pricingApp({ store: pricingStore(pg), log })
  return { listen: serveHttp(app, pg.ready), close: pg.close }
})
