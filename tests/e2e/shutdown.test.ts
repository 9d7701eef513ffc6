import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serviceTokens } from '#shared/auth/service-token.ts'
import { ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { rpcClient } from '#shared/rpc/client.ts'
import { holdLock, until, untilBlocked } from '#shared/testing/until.ts'
import { type FunctionName, functionNames, type Service } from '../../scripts/topology.ts'
import { newKey, orderOf, type RunningShop, send, startTestShop } from './running-shop.ts'

let shop: RunningShop
let token = ''
const deaths: string[] = []

beforeAll(async () => {
  shop = await startTestShop({ onDeath: (message) => deaths.push(message) })
  token = await shop.newCustomer()
})
afterAll(() => shop?.stop())

type UnderWay = {
  /** The table for which the request will wait. */
  readonly table: string
  readonly service: Service
  /** Sends the request; gives what it was answered. */
  readonly ask: () => Promise<unknown>
  readonly answer: unknown
}

const login = { email: 'customer-1@shop.example', password: 'correct horse battery' }
const status = async (answer: ReturnType<typeof send>) => (await answer).status
const get = (name: FunctionName, path: string) => () => status(send(`${shop.urls[name]}${path}`, 'GET', { token }))
const post = (name: FunctionName, path: string, body: object) => () =>
  status(send(`${shop.urls[name]}${path}`, 'POST', { token, body, headers: newKey() }))

/** Requests that can be held up by a lock in the database they need. A function without one is told to end while it rests. */
const requests: Partial<Record<FunctionName, UnderWay>> = {
  edge: { service: 'inventory', table: 'products', ask: get('edge', '/v1/products?limit=1'), answer: 200 },
  accounts: { service: 'users', table: 'accounts', ask: post('accounts', '/v1/auth/login', login), answer: 200 },
  profiles: { service: 'users', table: 'profiles', ask: get('profiles', '/v1/me'), answer: 200 },
  catalog: { service: 'inventory', table: 'products', ask: get('catalog', '/v1/products?limit=1'), answer: 200 },
  pricing: { service: 'inventory', table: 'prices', ask: get('pricing', '/v1/prices/MUG-0001'), answer: 200 },
  stock: { service: 'inventory', table: 'stock', ask: get('stock', '/v1/stock/MUG-0001'), answer: 200 },
  reservations: { service: 'inventory', table: 'stock', ask: () => reserve(), answer: 'hold' },
  orders: { service: 'orders', table: 'orders', ask: post('orders', '/v1/orders', orderOf('MUG-0001')), answer: 201 },
  'order-history': { service: 'orders', table: 'orders', ask: get('order-history', '/v1/orders'), answer: 200 },
  'order-sweeper': { service: 'orders', table: 'orders', ask: post('order-sweeper', '/sweep', {}), answer: 200 },
  'payment-gateway': { service: 'payments', table: 'payment_intents', ask: () => listPayments(), answer: 200 },
}

test.each(functionNames)('%s answers the request under way and exits 0 when it is told to end', async (name) => {
  const finish = await holdUp(requests[name])
  process.kill(shop.pid(name), 'SIGTERM')
  await until('it accepts no more requests', () => refuses(shop.urls[name]))
  expect(await finish()).toEqual(requests[name]?.answer)
  expect(await endOf(name)).toBe(`${name} ended with code 0`)
  await shop.restart(name)
})

test('an order that cannot come to its end in time is answered as it is, for the next runner to take up', async () => {
  const lock = await holdLock(shop.sql.inventory, (tx) => tx`lock table stock_ledger in share mode`)
  const asked = send(`${shop.urls.orders}/v1/orders`, 'POST', { token, body: orderOf('MUG-0001'), headers: newKey() })
  await untilBlocked(shop.sql.inventory, 1)
  process.kill(shop.pid('orders'), 'SIGTERM')
  const answer = await asked
  expect([answer.status, answer.body]).toMatchObject([202, { status: 'pending' }])
  expect(await endOf('orders')).toBe('orders ended with code 0')
  await lock.release()
  await shop.restart('orders')
  const { id } = answer.body as { id: string }
  await shop.sql.orders`update orders set due_at = now(), lease_until = now() - interval '1 second' where id = ${id}`
  expect((await send(`${shop.urls['order-sweeper']}/sweep`, 'POST')).body).toMatchObject({ settled: 1 })
  expect((await send(`${shop.urls['order-history']}/v1/orders/${id}`, 'GET', { token })).body).toMatchObject({ status: 'paid' })
})

/** Has a request wait; what is returned lets it go on, and gives what it was answered. */
async function holdUp(request: UnderWay | undefined): Promise<() => Promise<unknown>> {
  if (!request) return async () => {}
  const sql = shop.sql[request.service]
  const lock = await holdLock(sql, (tx) => tx`lock table ${tx(request.table)} in access exclusive mode`)
  const asked = request.ask()
  asked.catch(() => {})
  await untilBlocked(sql, 1)
  return async () => {
    await lock.release()
    return asked
  }
}

/** How the function ended by itself. One that needs longer than it may ends with another code before anybody would kill it. */
async function endOf(name: FunctionName): Promise<string> {
  let message: string | undefined
  await until(`${name} has ended`, () => {
    message = deaths.find((known) => known.startsWith(`${name} ended`))
    return message !== undefined
  })
  deaths.splice(0)
  return message ?? ''
}

async function reserve() {
  const tokens = serviceTokens(shop.secrets.keys.orders, 'orders', () => new Date())
  const client = rpcClient('reservations', ReservationService, shop.urls.reservations, () => tokens('reservations'))
  try {
    const basket = { items: [{ sku: 'MUG-0001', quantity: 1 }], country: 'DE', currency: 'EUR', ttlSeconds: 60 }
    const { result } = await client.reserve({ orderId: crypto.randomUUID(), ...basket })
    return result.case
  } finally {
    client.close()
  }
}

const listPayments = () =>
  status(send(`${shop.urls['payment-gateway']}/v1/payment_intents`, 'GET', { token: shop.secrets.paymentGatewayKey }))

function refuses(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', () => resolve(true))
  })
}
