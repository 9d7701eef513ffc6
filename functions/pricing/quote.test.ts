import { expect, test } from 'vitest'
import { quoteOf, unpricedItems } from './quote.ts'

const line = (sku: string, quantity: number, unitPrice: number, tax: number) => ({
  sku,
  title: sku,
  quantity,
  unitPrice,
  subtotal: unitPrice * quantity,
  taxRate: 1900,
  tax,
  total: unitPrice * quantity + tax,
})
const request = (...skus: string[]) => ({ items: skus.map((sku) => ({ sku, quantity: 1 })), country: 'DE', currency: 'EUR' })

test('a quote is the sum of its lines, each amount with its currency', () => {
  const quote = quoteOf(request('A', 'B'), [line('A', 2, 1000, 380), line('B', 1, 99, 19)])
  const eur = (amount: number) => ({ amount, currency: 'EUR' })
  expect(quote).toMatchObject({ country: 'DE', currency: 'EUR', subtotal: eur(2099), tax: eur(399), total: eur(2498) })
  expect(quote.lines[0]).toEqual({
    sku: 'A',
    title: 'A',
    quantity: 2,
    unitPrice: eur(1000),
    subtotal: eur(2000),
    taxRate: 1900,
    tax: eur(380),
    total: eur(2380),
  })
})

test('lines come in the order in which the basket first names them', () => {
  const priced = [line('A', 2, 1, 0), line('B', 1, 1, 0), line('C', 1, 1, 0)]
  expect(quoteOf(request('C', 'A', 'B', 'A'), priced).lines.map(({ sku }) => sku)).toEqual(['C', 'A', 'B'])
})

test('every position of a SKU without a price is named', () => {
  expect(unpricedItems(request('X', 'A', 'X'), [line('A', 1, 1, 0)])).toEqual([0, 2])
  expect(unpricedItems(request('A'), [line('A', 1, 1, 0)])).toEqual([])
})
