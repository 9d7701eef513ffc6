import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { orderHistoryApp } from './app.ts'
import { settings } from './settings.ts'
import { orderHistoryStore } from './store.ts'

run('order-history', settings, ({ settings: { DATABASE_URL, JWKS }, log }) => {
  const pg = openPg(DATABASE_URL, { name: 'order-history' })
  const app = orderHistoryApp({ store: orderHistoryStore(pg), log, jwks: JWKS })
  return { listen: serveHttp(app, pg.ready), close: pg.close }
})
