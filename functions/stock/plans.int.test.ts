import { expect, test } from 'vitest'
import { addManyProducts } from '#db/inventory/testing.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { explain, largestRead } from '#shared/testing/explain.ts'
import { statements } from './store.ts'

test('with 100,000 SKUs and 100,000 holds that have ended, the stock of one is found at once', async () => {
  const { sql } = await freshDatabase('inventory')
  await addManyProducts(sql, 100_000)
  await sql`
    insert into holds (order_id, status, lines, expires_at)
    select uuidv7(), 'committed', '[{"sku":"PRODUCT-1","quantity":1}]', now() - interval '1 day' from generate_series(1, 100000)`
  await sql`analyze holds`
  expect(largestRead(await explain(sql, statements.level, { sku: 'PRODUCT-1' }))).toBe(1)
})
