import { serviceTokens } from '#shared/auth/service-token.ts'
import { httpClient } from '#shared/http/http-client.ts'
import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { orderSweeperApp } from './app.ts'
import { settings } from './settings.ts'
import { orderSweeperStore } from './store.ts'

run('order-sweeper', settings, ({ settings: { DATABASE_URL, ORDERS_URL, PAYMENT_GATEWAY_URL, SERVICE_KEY }, log, stopping }) => {
  const pg = openPg(DATABASE_URL, { name: 'order-sweeper', max: 2 })
  const token = serviceTokens(SERVICE_KEY, 'order-sweeper', () => new Date())
  const orders = httpClient('orders', ORDERS_URL, () => token('orders'))
  const gateway = httpClient('payment-gateway', PAYMENT_GATEWAY_URL, () => token('payment-gateway'))
  const app = orderSweeperApp({ store: orderSweeperStore(pg), orders, gateway, log, stopping })
  return {
    listen: serveHttp(app, pg.ready),
    close: async () => {
      await Promise.all([orders.close(), gateway.close()])
      await pg.close()
    },
  }
})
