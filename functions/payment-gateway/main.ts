import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { paymentGatewayApp } from './app.ts'
import { openDeliverer } from './deliverer.ts'
import { settings } from './settings.ts'
import { paymentStore } from './store.ts'

run('payment-gateway', settings, ({ settings, log, stopping }) => {
  const pg = openPg(settings.DATABASE_URL, { name: 'payment-gateway' })
  const control = settings.GATEWAY_CONTROL === 'enabled'
  const gateway = { store: paymentStore(pg, { control }), control, now: () => new Date(), publicUrl: settings.PUBLIC_URL }
  const deliverer = openDeliverer({ gateway, log, retriesMs: settings.WEBHOOK_RETRIES, stopping })
  const app = paymentGatewayApp({ ...gateway, log, key: settings.PAYMENT_GATEWAY_KEY, jwks: settings.JWKS, deliverer })
  // What a process that died left on its way goes on as soon as another one is there.
  pg.ready().then(deliverer.kick, () => {})
  return {
    listen: serveHttp(app, pg.ready),
    close: async () => {
      await deliverer.close()
      await pg.close()
    },
  }
})
