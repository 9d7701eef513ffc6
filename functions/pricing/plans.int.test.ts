import { expect, test } from 'vitest'
import { addManyProducts } from '#db/inventory/testing.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { explain, largestRead } from '#shared/testing/explain.ts'
import { statements } from './store.ts'

test('with 100,000 prices a price and a basket are found by their SKUs', async () => {
  const { sql } = await freshDatabase('inventory')
  await addManyProducts(sql, 100_000)
  const items = Array.from({ length: 100 }, (_, index) => ({ sku: `PRODUCT-${index * 1000 + 1}`, quantity: 1 }))
  expect(largestRead(await explain(sql, statements.price, { sku: 'PRODUCT-1', currency: 'EUR' }))).toBe(1)
  const basket = await explain(sql, statements.basket, { items: JSON.stringify(items), currency: 'EUR', country: 'DE' })
  expect(largestRead(basket)).toBe(100)
})
