import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { paymentGatewayApp } from './app.ts'
import { settings } from './settings.ts'
import { paymentStore } from './store.ts'

run('payment-gateway', settings, ({ settings: { DATABASE_URL, PAYMENT_GATEWAY_KEY, GATEWAY_CONTROL }, log }) => {
  const pg = openPg(DATABASE_URL, { name: 'payment-gateway' })
  const control = GATEWAY_CONTROL === 'enabled'
  const app = paymentGatewayApp({ store: paymentStore(pg, { control }), log, key: PAYMENT_GATEWAY_KEY, control, now: () => new Date() })
  return { listen: serveHttp(app, pg.ready), close: pg.close }
})
