import { expect, test } from 'vitest'
import { freshDatabase } from '#shared/testing/database.ts'
import { LAST_UNIT_SKU, seed } from './seed.ts'

test('the sample shop has a thousand published products in twenty categories, each with one to three priced variants', async () => {
  const { sql } = await freshDatabase('inventory')
  await seed(sql)
  const [counts] = await sql`
    select
      (select count(*)::int from categories) as categories,
      (select count(distinct slug)::int from products where status = 'published' and category_id is not null) as products,
      (select min(n)::int from (select count(*) as n from products p left join variants v on v.product_id = p.id group by p.id) x) as fewest,
      (select max(n)::int from (select count(*) as n from products p left join variants v on v.product_id = p.id group by p.id) x) as most,
      (select count(*)::int from variants v left join prices pr on pr.sku = v.sku and pr.currency = 'EUR' where pr.sku is null) as unpriced,
      (select count(*)::int from variants v left join stock s on s.sku = v.sku where coalesce(s.on_hand, 0) = 0) as sold_out`
  expect(counts).toEqual({ categories: 20, products: 1000, fewest: 1, most: 3, unpriced: 0, sold_out: 0 })
  const [germany] = await sql`select rate from tax_rates where country = 'DE'`
  expect(germany).toEqual({ rate: 1900 })
})

test('what is on hand is the sum of the ledger for every SKU', async () => {
  const { sql } = await freshDatabase('inventory')
  await seed(sql)
  const wrong = await sql`
    select s.sku from stock s left join stock_ledger l on l.sku = s.sku group by s.sku having s.on_hand <> coalesce(sum(l.delta), 0)`
  expect(wrong).toEqual([])
  const reasons = await sql`select distinct reason from stock_ledger`
  expect(reasons).toEqual([{ reason: 'received' }])
})

test('the promised SKUs are there, and of one of them there is exactly one unit', async () => {
  const { sql } = await freshDatabase('inventory')
  await seed(sql)
  const promised = ['MUG-0001', 'MUG-0050', 'POT-0001', LAST_UNIT_SKU]
  const found = await sql`select sku, on_hand from stock where sku in ${sql(promised)} order by sku`
  expect(found.map(({ sku }) => sku as string)).toEqual([...promised].sort())
  expect(found.find(({ sku }) => sku === LAST_UNIT_SKU)).toEqual({ sku: LAST_UNIT_SKU, on_hand: 1 })
})

test('a second seed changes nothing, also when both run at once', async () => {
  const { sql } = await freshDatabase('inventory')
  await Promise.all([seed(sql), seed(sql)])
  await sql`update products set title = 'Renamed' where slug = 'plain-stoneware-mug'`
  await seed(sql)
  const [after] = await sql`
    select count(*)::int as products, count(*) filter (where title = 'Renamed')::int as renamed, (select count(*)::int from stock_ledger) as ledger
    from products`
  const [variants] = await sql`select count(*)::int as n from variants`
  expect(after).toEqual({ products: 1000, renamed: 1, ledger: variants?.['n'] })
})

test('an inventory with a product of its own is left alone', async () => {
  const { sql } = await freshDatabase('inventory')
  await sql`insert into products (slug, title) values ('own', 'Own')`
  await seed(sql)
  expect(await sql`select slug from products`).toEqual([{ slug: 'own' }])
  expect(await sql`select from tax_rates`).toHaveLength(0)
})

test('two databases are seeded alike, with ids that are UUIDs of version 7 in the order the products were made', async () => {
  const content = async () => {
    const { sql } = await freshDatabase('inventory')
    await seed(sql)
    const [row] = await sql`
      select
        (select md5(string_agg(p::text, '' order by id)) from products p) as products,
        (select md5(string_agg(v::text, '' order by sku)) from variants v) as variants,
        (select md5(string_agg(s::text, '' order by sku)) from stock s) as stock,
        (select md5(string_agg(l::text, '' order by id)) from stock_ledger l) as ledger,
        (select bool_and(uuid_extract_version(id) = 7) from products) as version_7,
        (select array_agg(id order by id) = array_agg(id order by created_at, id) from products) as in_order`
    return row
  }
  const first = await content()
  expect(first).toMatchObject({ version_7: true, in_order: true })
  expect(await content()).toEqual(first)
})
