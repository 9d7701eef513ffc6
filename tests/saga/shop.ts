import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { onTestFinished } from 'vitest'
import { stockDrift } from '#db/inventory/testing.ts'
import { serviceTokens, serviceVerifier } from '#shared/auth/service-token.ts'
import { newOrderId } from '../../functions/orders/order-id.ts'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { rpcClient } from '#shared/rpc/client.ts'
import { serveGrpc } from '#shared/server/grpc.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { listenOnTestPort } from '#shared/testing/serve.ts'
import { ordersApp } from '../../functions/orders/app.ts'
import { paymentsBy, stripeAt } from '../../functions/orders/payments.ts'
import { type Neighbours, settler } from '../../functions/orders/settle.ts'
import { ordersStore } from '../../functions/orders/store.ts'
import { key, startGateway } from '../../functions/payment-gateway/testing.ts'
import { reservationsRpc } from '../../functions/reservations/rpc.ts'
import { reservationsStore } from '../../functions/reservations/store.ts'

const log = createLog('test', 'silent')

/** A step of the saga, as its neighbour sees it. */
export type Step = 'reserve' | 'authorise' | 'commit' | 'capture' | 'claim' | 'cancel' | 'refund' | 'release' | 'save'
/** Runs around a step: to hold it up, to fail it before its effect, or to lose its answer after it. */
export type Around = (step: Step, run: () => Promise<unknown>) => Promise<unknown>

/**
 * `orders` with its real neighbours: `reservations` by gRPC and the payment gateway by the Stripe SDK, each on a real socket
 * with a real database. `runner()` makes one more runner, as another pod would be.
 */
export async function startSaga() {
  const [inventory, orders, payments] = await Promise.all([freshDatabase('inventory'), freshDatabase('orders'), freshDatabase('payments')])
  const identity = testIdentity()
  const gateway = await startGateway({ control: true, database: payments })
  const inventoryPg = openPg(inventory.url, { name: 'reservations', max: 12 })
  const verifyCaller = serviceVerifier(identity.jwks, 'reservations', ['orders'])
  const services = [reservationsRpc(reservationsStore(inventoryPg))]
  const port = await listenOnTestPort(serveGrpc({ services, verifyCaller, ready: inventoryPg.ready, log }))
  const ordersPg = openPg(orders.url, { name: 'orders', max: 12 })
  const token = serviceTokens(identity.signingKey('orders'), 'orders', () => new Date())
  const reservations = rpcClient('reservations', ReservationService, `http://127.0.0.1:${port.port}`, () => token('reservations'))
  onTestFinished(async () => {
    reservations.close()
    await port.close(0)
    await Promise.all([ordersPg.close(), inventoryPg.close()])
  })

  const runner = (around: Around = (_, run) => run()) => {
    const store = ordersStore(ordersPg)
    const real: Neighbours = { store, reservations, payments: paymentsBy(stripeAt(`http://127.0.0.1:${gateway.port}`, key)), log }
    const neighbours: Neighbours = {
      store: wrap(real.store, ['save'], around),
      reservations: wrap(real.reservations, ['reserve', 'commit', 'release'], around),
      payments: wrap(real.payments, ['authorise', 'capture', 'claim', 'cancel', 'refund'], around),
      log,
    }
    const settle = settler(neighbours)
    const app = ordersApp({
      store,
      settle,
      log,
      jwks: identity.jwks,
      newId: () => newOrderId(new Date()),
      stopping: new AbortController().signal,
    })
    const request = (path: string, init: RequestInit) => Promise.resolve(app.request(path, init))
    return {
      store,
      settle,
      place: async (body: object, { account = randomUUID(), idempotencyKey = newKey(), headers = {} } = {}) =>
        request('/v1/orders', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'idempotency-key': idempotencyKey,
            authorization: `Bearer ${await identity.userToken(account)}`,
            ...headers,
          },
          body: JSON.stringify(body),
        }),
      /** What the sweeper calls. */
      sweep: async (id: string) =>
        request(`/internal/orders/${id}/settle`, {
          method: 'POST',
          headers: { authorization: `Bearer ${await identity.serviceToken('order-sweeper', 'orders')}` },
        }),
    }
  }

  return {
    runner,
    identity,
    gateway,
    inventory: inventory.sql,
    orders: orders.sql,
    payments: payments.sql,
    /** Ends every lease, as if its time were over. */
    endLeases: () => orders.sql`update orders set lease_until = now() - interval '1 second'`,
    /** What must be true of the books whenever nothing is open; a list of what is not. */
    drift: async (): Promise<string[]> => [...(await stockDrift(inventory.sql)), ...(await moneyDrift(orders.sql, payments.sql))],
  }
}

/** What one unit of a product of 10.00 costs with 19 % tax, in minor units. */
export const unitTotal = 1_190

export type Body = { id: string; status: string; total: { amount: number }; payment: { clientSecret?: string } }
export const read = async (response: Response) => (await response.json()) as Body

export const newKey = () => `key-${randomUUID()}`

/** The body of an order for one SKU. */
export const orderOf = (
  sku: string,
  { quantity = 1, paymentMethod = 'pm_card_visa', ...more }: { quantity?: number; paymentMethod?: string; expectedTotal?: object } = {},
) => ({
  items: [{ sku, quantity }],
  shippingAddress: { name: 'A. Customer', line1: 'Market Square 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  paymentMethod,
  ...more,
})

/** What the gateway has taken and given back, and how many charges succeeded. */
export async function moneyOf(payments: postgres.Sql) {
  const [row] = await payments<{ captured: number; refunded: number; charges: number }[]>`
    select
      (select coalesce(sum(amount_received), 0)::int from payment_intents) as captured,
      (select coalesce(sum(amount), 0)::int from refunds where status in ('succeeded', 'pending')) as refunded,
      (select count(*)::int from charges where status = 'succeeded') as charges`
  if (!row) throw new Error('no row')
  return row
}

async function moneyDrift(orders: postgres.Sql, payments: postgres.Sql): Promise<string[]> {
  const kept = await orders<{ id: string; status: string; captured: number; refunded: number }[]>`
    select id, status, captured::int, refunded::int from orders`
  const wrong: string[] = []
  for (const order of kept) {
    const [money] = await payments<{ captured: number; refunded: number; open: number; taken: number }[]>`
      select coalesce(sum(amount_received), 0)::int as captured, count(*) filter (where amount_received > 0)::int as taken,
        count(*) filter (where status not in ('canceled', 'succeeded'))::int as open,
        (select coalesce(sum(r.amount), 0)::int from refunds r join payment_intents i on i.id = r.payment_intent
          where i.metadata ->> 'order_id' = ${order.id} and r.status in ('succeeded', 'pending')) as refunded
      from payment_intents where metadata ->> 'order_id' = ${order.id}`
    if (!money || money.captured !== order.captured || money.refunded !== order.refunded || money.taken > 1 || money.open > 0) {
      wrong.push(`${order.status} order ${JSON.stringify(order)} against ${JSON.stringify(money)}`)
    }
  }
  return wrong
}

function wrap<T extends object>(target: T, steps: readonly (keyof T & Step)[], around: Around): T {
  const wrapped = steps.map((step) => {
    const method = target[step] as (...args: unknown[]) => Promise<unknown>
    return [step, (...args: unknown[]) => around(step, () => method(...args))]
  })
  return { ...target, ...Object.fromEntries(wrapped) }
}
