import type postgres from 'postgres'

export type TestProduct = { sku: string; amount?: number; onHand?: number; currency?: string }

/** Puts products for sale: one variant each, with a price, stock and its ledger row. */
export async function addProducts(sql: postgres.Sql, ...products: TestProduct[]): Promise<void> {
  await sql`insert into tax_rates (country, rate) values ('DE', 1900) on conflict do nothing`
  for (const { sku, amount = 1_000, onHand = 10, currency = 'EUR' } of products) {
    await sql`
      with product as (
        insert into products (slug, title, status) values (${sku.toLowerCase()}, ${`Product ${sku}`}, 'published') returning id
      ),
      variant as (insert into variants (sku, product_id, title) select ${sku}, id, '' from product),
      price as (insert into prices (sku, currency, amount) values (${sku}, ${currency}, ${amount}))
      insert into stock (sku, on_hand) values (${sku}, ${onHand})`
    if (onHand > 0) await sql`insert into stock_ledger (sku, delta, reason) values (${sku}, ${onHand}, 'received')`
  }
}

/** What stands of one SKU. */
export async function stockOf(sql: postgres.Sql, sku: string): Promise<{ onHand: number; reserved: number }> {
  const [row] = await sql<{ onHand: number; reserved: number }[]>`select on_hand as "onHand", reserved from stock where sku = ${sku}`
  if (!row) throw new Error(`no stock row for ${sku}`)
  return row
}

/** The books of stock must balance at any time: the SKUs for which they do not. */
export async function stockDrift(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ sku: string }[]>`
    select sku from stock s
    where on_hand <> (select coalesce(sum(delta), 0) from stock_ledger l where l.sku = s.sku)
      or reserved <> (
        select coalesce(sum((line ->> 'quantity')::int), 0)
        from holds, jsonb_array_elements(lines) as line
        where status = 'held' and line ->> 'sku' = s.sku
      )`
  return rows.map((row) => row.sku)
}

/**
 * Publishes `count` products `PRODUCT-<n>` in the categories `category-0` to `category-9`, every tenth a draft, each with one
 * priced variant in stock, and tells the planner of them.
 */
export async function addManyProducts(sql: postgres.Sql, count: number): Promise<void> {
  await sql`insert into categories (slug, title) select 'category-' || n, 'Category ' || n from generate_series(0, 9) n`
  await sql`
    insert into products (slug, title, status, category_id)
    select 'product-' || n, 'Product ' || n, (case when n % 10 = 9 then 'draft' else 'published' end)::product_status, c.id
    from generate_series(1, ${count}::int) n join categories c on c.slug = 'category-' || (n / 10 % 10)`
  await sql`insert into variants (sku, product_id, title) select upper(slug), id, '' from products`
  await sql`insert into prices (sku, currency, amount) select sku, 'EUR', 1999 from variants`
  await sql`insert into stock (sku, on_hand) select sku, 5 from variants`
  await sql`insert into tax_rates (country, rate) values ('DE', 1900)`
  await sql`analyze`
}
