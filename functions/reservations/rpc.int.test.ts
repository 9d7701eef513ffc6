import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { addProducts, stockOf } from '#db/inventory/testing.ts'
import { serviceVerifier } from '#shared/auth/service-token.ts'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { HoldStatus, ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { rpcClient } from '#shared/rpc/client.ts'
import { serveGrpc } from '#shared/server/grpc.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { listenOnTestPort } from '#shared/testing/serve.ts'
import { reservationsRpc } from './rpc.ts'
import { reservationsStore } from './store.ts'

const identity = testIdentity()

async function setup() {
  const { url, sql } = await freshDatabase('inventory')
  await addProducts(sql, { sku: 'MUG' })
  const pg = openPg(url, { name: 'test' })
  const listener = await listenOnTestPort(
    serveGrpc({
      services: [reservationsRpc(reservationsStore(pg))],
      verifyCaller: serviceVerifier(identity.jwks, 'reservations', ['orders']),
      ready: pg.ready,
      log: createLog('test', 'silent'),
    }),
  )
  const as = (token: () => Promise<string>) => {
    const client = rpcClient('reservations', ReservationService, `http://127.0.0.1:${listener.port}`, token)
    onTestFinished(client.close)
    return client
  }
  onTestFinished(async () => {
    await listener.close(0)
    await pg.close()
  })
  return { sql, as, orders: as(() => identity.serviceToken('orders', 'reservations')) }
}

const basket = (orderId: string) => ({ orderId, items: [{ sku: 'MUG', quantity: 2 }], country: 'DE', currency: 'EUR', ttlSeconds: 60 })

test('orders holds, sells and gives back over the wire', async () => {
  const { sql, orders } = await setup()
  const orderId = randomUUID()
  const reserved = await orders.reserve(basket(orderId))
  expect(reserved.result).toMatchObject({ case: 'hold', value: { status: HoldStatus.HELD, total: 2_380n } })
  expect((await orders.commit({ orderId })).result).toMatchObject({ case: 'hold', value: { status: HoldStatus.COMMITTED } })
  await orders.release({ orderId })
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 10, reserved: 0 })
  expect((await orders.commit({ orderId })).result.case).toBe('refused')
})

const good = basket('00000000-0000-4000-8000-000000000000')
test.each([
  ['an order id that is none', { ...good, orderId: 'x' }, 'orderId'],
  ['an empty basket', { ...good, items: [] }, 'items'],
  ['a quantity of none', { ...good, items: [{ sku: 'MUG', quantity: 0 }] }, 'items.0.quantity'],
  ['a negative quantity', { ...good, items: [{ sku: 'MUG', quantity: -1 }] }, 'items.0.quantity'],
  ['more than anybody buys', { ...good, items: [{ sku: 'MUG', quantity: 1_000 }] }, 'items.0.quantity'],
  ['an endless basket', { ...good, items: Array.from({ length: 101 }, () => ({ sku: 'MUG', quantity: 1 })) }, 'items'],
  ['no currency', { ...good, currency: '' }, 'currency'],
  ['a country in words', { ...good, country: 'Germany' }, 'country'],
  ['a hold that is over at once', { ...good, ttlSeconds: 0 }, 'ttlSeconds'],
])('%s is refused by name, and nothing is held', async (_, request, field) => {
  const { sql, orders } = await setup()
  await expect(orders.reserve(request)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining(field) })
  expect(await sql`select from holds`).toHaveLength(0)
})

test.each([
  ['no token', async () => ''],
  ['the token of another function', () => identity.serviceToken('order-sweeper', 'reservations')],
  ['a token for another audience', () => identity.serviceToken('orders', 'pricing')],
  ['the token of a user', () => identity.userToken(randomUUID(), ['admin'])],
])('a caller with %s is refused, and nothing is held', async (_, token) => {
  const { sql, as } = await setup()
  await expect(as(token).reserve(basket(randomUUID()))).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
  expect(await sql`select from holds`).toHaveLength(0)
})
