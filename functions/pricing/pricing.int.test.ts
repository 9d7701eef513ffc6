import { expect, test } from 'vitest'
import { addProducts } from '#db/inventory/testing.ts'
import { promisedBody } from '#shared/testing/contract.ts'
import type { Quote } from './quote.ts'
import { createQuote, getPrice } from './routes.ts'
import { startPricing } from './testing.ts'

const eur = (amount: number) => ({ amount, currency: 'EUR' })

test('a price is read by SKU and currency, in the shape of its contract', async () => {
  const { sql, request } = await startPricing()
  await addProducts(sql, { sku: 'MUG-1', amount: 1999 })
  await sql`insert into prices (sku, currency, amount) values ('MUG-1', 'USD', 2199)`
  const response = await request('/v1/prices/MUG-1')
  expect(response.headers.get('cache-control')).toBe('public, max-age=10')
  expect(promisedBody(getPrice).parse(await response.json())).toEqual({ sku: 'MUG-1', price: eur(1999), updatedAt: expect.any(String) })
  const inDollars = await request('/v1/prices/MUG-1?currency=USD')
  expect(await inDollars.json()).toMatchObject({ price: { amount: 2199, currency: 'USD' } })
})

test('a price that has not changed is not sent again', async () => {
  const { sql, request } = await startPricing()
  await addProducts(sql, { sku: 'MUG-1' })
  const tag = (await request('/v1/prices/MUG-1')).headers.get('etag') ?? ''
  expect((await request('/v1/prices/MUG-1', { headers: { 'if-none-match': tag } })).status).toBe(304)
  await sql`update prices set amount = amount + 1`
  expect((await request('/v1/prices/MUG-1', { headers: { 'if-none-match': tag } })).status).toBe(200)
})

test('there is no price for what is unknown, not published or not sold in the currency', async () => {
  const { sql, request } = await startPricing()
  await addProducts(sql, { sku: 'MUG-1' }, { sku: 'DRAFT-1' })
  await sql`update products set status = 'draft' where slug = 'draft-1'`
  for (const path of ['/v1/prices/NOTHING', '/v1/prices/DRAFT-1', '/v1/prices/MUG-1?currency=USD']) {
    const response = await request(path)
    expect(await response.json()).toMatchObject({ type: 'https://shop.example/problems/not-found', status: 404 })
  }
})

test('a basket is priced with the tax of the country it goes to, in the shape of its contract', async () => {
  const { sql, quote } = await startPricing()
  await addProducts(sql, { sku: 'MUG-1', amount: 1999 }, { sku: 'PAN-1', amount: 4990 })
  const response = await quote({
    items: [
      { sku: 'PAN-1', quantity: 1 },
      { sku: 'MUG-1', quantity: 3 },
    ],
    country: 'DE',
  })
  expect(response.status).toBe(200)
  const body = promisedBody(createQuote).parse(await response.json()) as Quote
  expect(body).toMatchObject({ country: 'DE', currency: 'EUR', subtotal: eur(10_987), tax: eur(2_087), total: eur(13_074) })
  expect(body.lines).toEqual([
    {
      sku: 'PAN-1',
      title: 'Product PAN-1',
      quantity: 1,
      unitPrice: eur(4990),
      subtotal: eur(4990),
      taxRate: 1900,
      tax: eur(948),
      total: eur(5938),
    },
    {
      sku: 'MUG-1',
      title: 'Product MUG-1',
      quantity: 3,
      unitPrice: eur(1999),
      subtotal: eur(5997),
      taxRate: 1900,
      tax: eur(1139),
      total: eur(7136),
    },
  ])
})

test.each([
  { amount: 1, quantity: 1, rate: 5000, tax: 1 },
  { amount: 50, quantity: 1, rate: 1900, tax: 10 },
  { amount: 50, quantity: 3, rate: 1900, tax: 29 },
  { amount: 13, quantity: 1, rate: 1900, tax: 2 },
  { amount: 499, quantity: 1, rate: 1, tax: 0 },
  { amount: 5000, quantity: 1, rate: 1, tax: 1 },
  { amount: 0, quantity: 999, rate: 1900, tax: 0 },
])('tax on $quantity × $amount at $rate is $tax: half a cent is rounded up, once per line', async ({ amount, quantity, rate, tax }) => {
  const { sql, quote } = await startPricing()
  await addProducts(sql, { sku: 'X', amount })
  await sql`insert into tax_rates (country, rate) values ('XX', ${rate})`
  const body = (await (await quote({ items: [{ sku: 'X', quantity }], country: 'XX' })).json()) as Quote
  expect(body.lines[0]).toMatchObject({ tax: eur(tax), total: eur(amount * quantity + tax) })
  expect(body.tax).toEqual(eur(tax))
})

test('quantities of a SKU named twice are added before tax is rounded', async () => {
  const { sql, quote } = await startPricing()
  await addProducts(sql, { sku: 'X', amount: 50 })
  const items = [1, 1, 1].map((quantity) => ({ sku: 'X', quantity }))
  const body = (await (await quote({ items, country: 'DE' })).json()) as Quote
  expect(body.lines).toHaveLength(1)
  expect(body.lines[0]).toMatchObject({ quantity: 3, subtotal: eur(150), tax: eur(29) })
})

test('a country without a tax rate is not taxed', async () => {
  const { sql, quote } = await startPricing()
  await addProducts(sql, { sku: 'X', amount: 1000 })
  const body = (await (await quote({ items: [{ sku: 'X', quantity: 2 }], country: 'ZZ' })).json()) as Quote
  expect(body).toMatchObject({ subtotal: eur(2000), tax: eur(0), total: eur(2000) })
  expect(body.lines[0]?.taxRate).toBe(0)
})

test('items that are not for sale are named by their place in the basket', async () => {
  const { sql, quote } = await startPricing()
  await addProducts(sql, { sku: 'X' }, { sku: 'DRAFT-1' })
  await sql`update products set status = 'draft' where slug = 'draft-1'`
  const items = ['NOTHING', 'X', 'DRAFT-1'].map((sku) => ({ sku, quantity: 1 }))
  const response = await quote({ items, country: 'DE' })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    type: 'https://shop.example/problems/validation-failed',
    in: 'body',
    errors: [{ pointer: '/items/0/sku' }, { pointer: '/items/2/sku' }],
  })
  const inDollars = await quote({ items: [{ sku: 'X', quantity: 1 }], country: 'DE', currency: 'USD' })
  expect(await inDollars.json()).toMatchObject({ status: 400, errors: [{ pointer: '/items/0/sku', detail: 'is not for sale in USD' }] })
})

test('the largest basket is priced', async () => {
  const { sql, quote } = await startPricing()
  const skus = Array.from({ length: 100 }, (_, index) => `X-${index}`)
  await addProducts(sql, ...skus.map((sku) => ({ sku, amount: 999_999 })))
  const response = await quote({ items: skus.map((sku) => ({ sku, quantity: 999 })), country: 'DE' })
  expect(await response.json()).toMatchObject({ subtotal: eur(100 * 999 * 999_999) })
})
