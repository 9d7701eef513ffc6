import { expect, onTestFinished, test } from 'vitest'
import { addProducts } from '#db/inventory/testing.ts'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { promisedBody } from '#shared/testing/contract.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { serve } from '#shared/testing/serve.ts'
import { stockApp } from './app.ts'
import { getStock } from './routes.ts'
import { stockStore } from './store.ts'

/** Stock on a real socket, with ten units of `X` of which three are reserved; it is low at two. */
async function startStock() {
  const { url, sql } = await freshDatabase('inventory')
  const pg = openPg(url, { name: 'stock' })
  onTestFinished(() => pg.close())
  const base = await serve(stockApp({ store: stockStore(pg), log: createLog('stock', 'silent') }), pg.ready)
  const request = (path: string, init?: RequestInit) => fetch(base + path, init)
  await addProducts(sql, { sku: 'X', onHand: 10 }, { sku: 'OTHER', onHand: 1 })
  await sql`update stock set reserved = 3, low_at = 2 where sku = 'X'`
  const level = async (sku = 'X') => (await request(`/v1/stock/${sku}`)).json()
  return { sql, request, level }
}

test('what can be ordered is what is on hand and not reserved, in the shape of its contract', async () => {
  const { request } = await startStock()
  const response = await request('/v1/stock/X')
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache'])
  expect(promisedBody(getStock).parse(await response.json())).toEqual({ sku: 'X', available: 7, low: false })
})

test('stock is low from the threshold down', async () => {
  const { sql, level } = await startStock()
  await sql`update stock set reserved = 7 where sku = 'X'`
  expect(await level()).toEqual({ sku: 'X', available: 3, low: false })
  await sql`update stock set reserved = 8 where sku = 'X'`
  expect(await level()).toEqual({ sku: 'X', available: 2, low: true })
  await sql`update stock set reserved = 10 where sku = 'X'`
  expect(await level()).toEqual({ sku: 'X', available: 0, low: true })
})

test('units of holds that are over count as available, those of other holds do not', async () => {
  const { sql, level } = await startStock()
  const line = (sku: string, quantity: number) => ({ sku, quantity })
  const hold = (status: string, until: string, lines: object[]) => sql`
    insert into holds (order_id, status, lines, expires_at)
    values (uuidv7(), ${status}::hold_status, ${sql.json(lines as never)}, now() + ${until}::interval)`
  await hold('held', '-1 second', [line('X', 2), line('OTHER', 1)])
  await hold('held', '1 hour', [line('X', 1)])
  await hold('expired', '-1 hour', [line('X', 4)])
  await hold('released', '-1 hour', [line('X', 4)])
  await hold('committed', '-1 hour', [line('X', 4)])
  expect(await level()).toEqual({ sku: 'X', available: 9, low: false })
})

test('a SKU that was never in stock has none', async () => {
  const { sql, level } = await startStock()
  await sql`insert into variants (sku, product_id, title) select 'NEW', id, '' from products where slug = 'x'`
  expect(await level('NEW')).toEqual({ sku: 'NEW', available: 0, low: true })
})

test('stock that has not changed is not sent again', async () => {
  const { sql, request } = await startStock()
  const tag = (await request('/v1/stock/X')).headers.get('etag') ?? ''
  expect((await request('/v1/stock/X', { headers: { 'if-none-match': tag } })).status).toBe(304)
  await sql`update stock set reserved = reserved + 1 where sku = 'X'`
  expect((await request('/v1/stock/X', { headers: { 'if-none-match': tag } })).status).toBe(200)
})

test('what is unknown or not for sale is not found', async () => {
  const { sql, request } = await startStock()
  await sql`update products set status = 'archived' where slug = 'other'`
  for (const path of ['/v1/stock/NOTHING', '/v1/stock/OTHER']) {
    const response = await request(path)
    expect(await response.json()).toMatchObject({ type: 'https://shop.example/problems/not-found', status: 404 })
  }
})

test.each([
  ['/v1/stock/a%20b', '/sku'],
  [`/v1/stock/${'a'.repeat(65)}`, '/sku'],
  ['/v1/stock/X?currency=EUR', '/currency'],
])('%s is refused', async (path, pointer) => {
  const { request } = await startStock()
  const response = await request(path)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ type: 'https://shop.example/problems/validation-failed', errors: [{ pointer }] })
})

test('stock is only read', async () => {
  const { request } = await startStock()
  const response = await request('/v1/stock/X', { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})
