import { newOrderId } from './order-id.ts'
import { serviceTokens } from '#shared/auth/service-token.ts'
import { openPg } from '#shared/pg/pg.ts'
import { ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { rpcClient } from '#shared/rpc/client.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { ordersApp } from './app.ts'
import { paymentsBy, stripeAt } from './payments.ts'
import { settings } from './settings.ts'
import { settler } from './settle.ts'
import { ordersStore } from './store.ts'

run('orders', settings, ({ settings, log, stopping }) => {
  const now = () => new Date()
  const pg = openPg(settings.DATABASE_URL, { name: 'orders' })
  const token = serviceTokens(settings.SERVICE_KEY, 'orders', now)
  const reservations = rpcClient('reservations', ReservationService, settings.RESERVATIONS_URL, () => token('reservations'))
  const payments = paymentsBy(stripeAt(settings.PAYMENT_GATEWAY_URL, settings.PAYMENT_GATEWAY_KEY))
  const store = ordersStore(pg)
  const settle = settler({ store, reservations, payments, log })
  const app = ordersApp({ store, settle, log, jwks: settings.JWKS, newId: () => newOrderId(now()), stopping })
  return {
    listen: serveHttp(app, pg.ready),
    close: async () => {
      reservations.close()
      await pg.close()
    },
  }
})
