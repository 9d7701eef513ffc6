import { expect, test } from 'vitest'
import { addManyProducts } from '#db/inventory/testing.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { explain, largestRead } from '#shared/testing/explain.ts'
import { statements } from './store.ts'

test('with 100,000 products every statement of the catalogue reads only the few rows it shows', async () => {
  const { sql } = await freshDatabase('inventory')
  await addManyProducts(sql, 100_000)
  await sql`insert into categories (slug, title) values ('rare', 'Rare')`
  await sql`update products set category_id = (select id from categories where slug = 'rare') where slug in ('product-1', 'product-2')`
  const [middle] = await sql<{ id: string }[]>`select id from products where slug = 'product-50000'`
  const page = { limit: 20, currency: 'EUR', after: middle?.id ?? '' }
  const plans = {
    firstPage: await explain(sql, statements.page, { ...page, after: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }),
    page: await explain(sql, statements.page, page),
    pageOfCategory: await explain(sql, statements.pageOfCategory, { ...page, category: 'category-3' }),
    pageOfRareCategory: await explain(sql, statements.pageOfCategory, { ...page, category: 'rare' }),
    byId: await explain(sql, statements.byId, { id: middle?.id ?? '', currency: 'EUR' }),
    bySlug: await explain(sql, statements.bySlug, { id: 'product-50000', currency: 'EUR' }),
  }
  const tooMuch = Object.entries(plans).filter(([, plan]) => largestRead(plan) > 50)
  expect(tooMuch).toEqual([])
  expect(plans.pageOfCategory.map((node) => node['Index Name'])).toContain('products_category_idx')
})
