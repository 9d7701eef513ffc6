import { expect, test } from 'vitest'
import { addProducts } from '#db/inventory/testing.ts'
import { startPricing } from './testing.ts'

const item = { sku: 'X', quantity: 1 }
const valid = { items: [item], country: 'DE' }

test.each([
  ['no JSON', '{"items":', undefined],
  ['nothing at all', '', undefined],
  ['null', 'null', ''],
  ['an empty object', {}, '/items'],
  ['an empty basket', { ...valid, items: [] }, '/items'],
  ['too many items', { ...valid, items: Array.from({ length: 101 }, () => item) }, '/items'],
  ['a basket that is no list', { ...valid, items: item }, '/items'],
  ['a quantity of zero', { ...valid, items: [{ ...item, quantity: 0 }] }, '/items/0/quantity'],
  ['a quantity over the largest', { ...valid, items: [{ ...item, quantity: 1000 }] }, '/items/0/quantity'],
  ['a quantity with a fraction', { ...valid, items: [{ ...item, quantity: 1.5 }] }, '/items/0/quantity'],
  ['a quantity as text', { ...valid, items: [{ ...item, quantity: '1' }] }, '/items/0/quantity'],
  ['an item without SKU', { ...valid, items: [{ quantity: 1 }] }, '/items/0/sku'],
  ['a price of its own', { ...valid, items: [{ ...item, unitPrice: 1 }] }, '/items/0/unitPrice'],
  ['an unknown field', { ...valid, coupon: 'X' }, '/coupon'],
  ['a country by name', { ...valid, country: 'Germany' }, '/country'],
  ['no country', { items: [item] }, '/country'],
  ['a currency in lower case', { ...valid, currency: 'eur' }, '/currency'],
])('a quote asked for with %s is refused, and the fault is named', async (_, body, pointer) => {
  const { sql, quote } = await startPricing()
  await addProducts(sql, { sku: 'X' })
  const response = await quote(body)
  expect(response.status).toBe(400)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as { type: string; errors?: { pointer: string }[] }
  expect(problem.type).toBe('https://shop.example/problems/validation-failed')
  expect(problem.errors?.[0]?.pointer).toBe(pointer)
})

test.each([
  ['a SKU with a slash in it', '/v1/prices/a%2Fb', '/sku'],
  ['a SKU longer than any', `/v1/prices/${'a'.repeat(65)}`, '/sku'],
  ['a currency that is no code', '/v1/prices/X?currency=euro', '/currency'],
  ['an unknown parameter', '/v1/prices/X?country=DE', '/country'],
])('%s is refused', async (_, path, pointer) => {
  const { request } = await startPricing()
  const response = await request(path)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ status: 400, errors: [{ pointer }] })
})

test('a body over 1 MiB is refused', async () => {
  const { quote } = await startPricing()
  const response = await quote({ ...valid, country: 'D'.repeat(1024 * 1024) })
  expect(response.status).toBe(413)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])('a body of type %s is refused', async (type) => {
  const { request } = await startPricing()
  const response = await request('/v1/quotes', { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(valid) })
  expect(response.status).toBe(415)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})

test('a wrong method is answered with the right one', async () => {
  const { request } = await startPricing()
  const read = await request('/v1/quotes')
  expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST'])
  const written = await request('/v1/prices/X', { method: 'DELETE' })
  expect([written.status, written.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})
