import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { stockApp } from './app.ts'
import { settings } from './settings.ts'
import { stockStore } from './store.ts'

run('stock', settings, ({ settings: { DATABASE_URL }, log }) => {
  const pg = openPg(DATABASE_URL, { name: 'stock' })
  const app = stockApp({ store: stockStore(pg), log })
  return { listen: serveHttp(app, pg.ready), close: pg.close }
})
