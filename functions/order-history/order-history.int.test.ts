import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { freshDatabase, type TestDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { orderHistoryApp } from './app.ts'
import { orderHistoryStore } from './store.ts'

const identity = testIdentity()

test('a customer reads their own orders page by page, the newest first, each one once', async () => {
  const { sql, get } = await setup()
  const [me, other] = [randomUUID(), randomUUID()]
  const mine = await insertOrders(sql, me, 5)
  await insertOrders(sql, other, 2)

  const seen: string[] = []
  let path = '/v1/orders?limit=2'
  for (let pages = 0; pages < 5 && path !== ''; pages++) {
    const { items, nextCursor } = (await (await get(path, me)).json()) as { items: { id: string }[]; nextCursor: string | null }
    expect(items.length).toBeLessThanOrEqual(2)
    seen.push(...items.map(({ id }) => id))
    path = nextCursor === null ? '' : `/v1/orders?limit=2&cursor=${nextCursor}`
  }
  expect(seen).toEqual(mine.toReversed())
})

test('an order is shown with money in its currency, and with its version as the tag', async () => {
  const { sql, get } = await setup()
  const me = randomUUID()
  const [id] = await insertOrders(sql, me, 1)
  const lines = [{ sku: 'MUG', title: 'Mug', quantity: 2, unitPrice: 999, subtotal: 1998, taxRate: 1900, tax: 380, total: 2378 }]
  await sql`
    update orders set status = 'paid', due_at = null, version = 7, lines = ${sql.json(lines)}, subtotal = 1998, tax = 380,
      total = 2378, captured = 2378, payment_intent_id = 'pi_1' where id = ${id ?? ''}`

  const answer = await get(`/v1/orders/${id}`, me)
  expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"7"'])
  const order = (await answer.json()) as Record<string, unknown>
  expect(order).toMatchObject({
    id,
    status: 'paid',
    items: [{ sku: 'MUG', quantity: 2 }],
    lines: [{ sku: 'MUG', unitPrice: eur(999), subtotal: eur(1998), taxRate: 1900, tax: eur(380), total: eur(2378) }],
    total: eur(2378),
    payment: { intentId: 'pi_1', captured: eur(2378), refunded: eur(0) },
    failure: null,
  })
  expect(order).not.toHaveProperty('accountId')

  const again = await get(`/v1/orders/${id}`, me, { 'if-none-match': '"7"' })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect((await get(`/v1/orders/${id}`, me, { 'if-none-match': '"6"' })).status).toBe(200)
})

test("somebody else's order looks as if it did not exist", async () => {
  const { sql, get } = await setup()
  const [id] = await insertOrders(sql, randomUUID(), 1)
  const stranger = randomUUID()
  const [foreign, unknown] = [await get(`/v1/orders/${id}`, stranger), await get(`/v1/orders/${randomUUID()}`, stranger)]
  for (const answer of [foreign, unknown]) {
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ type: 'https://shop.example/problems/not-found', title: 'No such resource' })
  }
})

test.each([
  ['/v1/orders?limit=0', 400],
  ['/v1/orders?limit=101', 400],
  ['/v1/orders?limit=many', 400],
  ['/v1/orders?cursor=nonsense', 400],
  [`/v1/orders?cursor=${Buffer.from('"not an id"').toString('base64url')}`, 400],
  ['/v1/orders?sort=total', 400],
  ['/v1/orders/not-an-id', 400],
  ['/v1/orders/a/b', 404],
])('%s is answered with a problem of status %i', async (path, status) => {
  const { get } = await setup()
  const answer = await get(path, randomUUID())
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
})

test('only a customer with a valid token gets in, and nothing but reading is possible', async () => {
  const { app } = await setup()
  const ask = async (token: string, method = 'GET') =>
    (await app.request('/v1/orders', { method, headers: token === '' ? {} : { authorization: `Bearer ${token}` } })).status
  expect(await ask('')).toBe(401)
  expect(await ask('forged')).toBe(401)
  expect(await ask(await testIdentity().userToken(randomUUID()))).toBe(401)
  expect(await ask(await identity.serviceToken('orders', 'order-history'))).toBe(401)
  expect(await ask(await identity.userToken(randomUUID(), ['guest']))).toBe(403)
  expect(await ask(await identity.userToken(randomUUID()), 'DELETE')).toBe(405)
})

const eur = (amount: number) => ({ amount, currency: 'EUR' })

async function setup() {
  const { readerUrl, sql } = await freshDatabase('orders')
  const pg = openPg(readerUrl, { name: 'test' })
  onTestFinished(pg.close)
  const app = orderHistoryApp({ store: orderHistoryStore(pg), log: createLog('test', 'silent'), jwks: identity.jwks })
  const get = async (path: string, accountId: string, headers: Record<string, string> = {}) =>
    app.request(path, { headers: { ...headers, authorization: `Bearer ${await identity.userToken(accountId)}` } })
  return { app, sql, get }
}

/** Open orders of one account, the oldest first. */
async function insertOrders(sql: TestDatabase['sql'], accountId: string, count: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into orders (id, account_id, lease_until, due_at, idempotency_scope, idempotency_key, fingerprint, items, shipping_address, payment_method, currency)
    select uuidv7(n * interval '1 second'), ${accountId}, now(), now(), ${accountId}, 'key-' || n, 'fingerprint',
      '[{ "sku": "MUG", "quantity": 2 }]', '{ "name": "Ada", "line1": "1 Road", "city": "Berlin", "postalCode": "10115", "country": "DE" }',
      'pm_card_visa', 'EUR'
    from generate_series(1, ${count}::int) n
    returning id`
  return rows.map(({ id }) => id).toSorted()
}
