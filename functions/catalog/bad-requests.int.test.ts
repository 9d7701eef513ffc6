import { expect, test } from 'vitest'
import { addProducts, startCatalog } from './testing.ts'

const cursorOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test.each([
  ['a cursor that is no base64 of anything', '/v1/products?cursor=%21%21', '/cursor'],
  ['a cursor that holds no id', `/v1/products?cursor=${cursorOf('x')}`, '/cursor'],
  ['a cursor that holds something else', `/v1/products?cursor=${cursorOf({ id: 1 })}`, '/cursor'],
  ['an endless cursor', `/v1/products?cursor=${'a'.repeat(2000)}`, '/cursor'],
  ['a limit of zero', '/v1/products?limit=0', '/limit'],
  ['a limit over the largest', '/v1/products?limit=101', '/limit'],
  ['a limit with a fraction', '/v1/products?limit=1.5', '/limit'],
  ['a limit in words', '/v1/products?limit=ten', '/limit'],
  ['a limit given twice', '/v1/products?limit=1&limit=2', '/limit'],
  ['a category that is no slug', "/v1/products?category=a'%20or%201=1", '/category'],
  ['an empty category', '/v1/products?category=', '/category'],
  ['a currency in lower case', '/v1/products?currency=eur', '/currency'],
  ['a parameter the list does not know', '/v1/products?sort=price', '/sort'],
  ['a parameter the product does not know', '/v1/products/thing-1?fields=id', '/fields'],
  ['a parameter the categories do not know', '/v1/categories?limit=5', '/limit'],
  ['an id that is neither id nor slug', '/v1/products/a%00b', '/id'],
])('%s is refused by name', async (_, path, pointer) => {
  const { sql, request } = await startCatalog()
  await addProducts(sql)
  const response = await request(path)
  expect(response.status).toBe(400)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({
    type: 'https://shop.example/problems/validation-failed',
    status: 400,
    instance: response.headers.get('x-request-id'),
    errors: [{ pointer }],
  })
})

test.each(['/v1/products/01890000-0000-7000-8000-000000000000', '/v1/products/nothing', '/v1/nothing', '/v1/products/a/b'])(
  '%s is not found',
  async (path) => {
    const { request } = await startCatalog()
    const response = await request(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ type: 'https://shop.example/problems/not-found', status: 404 })
  },
)

test.each(['/v1/products', '/v1/products/thing-1', '/v1/categories'])('%s is only read', async (path) => {
  const { request } = await startCatalog()
  const response = await request(path, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})

test('a failure of the database tells the caller nothing about it', async () => {
  const { sql, request } = await startCatalog()
  await sql`alter table products rename to hidden`
  const response = await request('/v1/products')
  expect(response.status).toBe(500)
  expect(await response.text()).not.toMatch(/relation|products|select/i)
})
