import type postgres from 'postgres'
import { sampleRows } from './seed-rows.ts'

export { LAST_UNIT_SKU } from './seed-rows.ts'

/**
 * Fills an empty inventory with the sample catalogue: 1,000 published products in 20 categories, their prices in EUR, their
 * stock as received, and the tax rates of some countries. Does nothing when there is any product. Needs the owner.
 */
export async function seed(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (tx) => {
    // Two seeds at once: the second waits here and then finds the products of the first.
    await tx`select pg_advisory_xact_lock(hashtext('seed'))`
    const [found] = await tx`select from products limit 1`
    if (found) return
    const { categories, products, variants, tax_rates: taxRates } = sampleRows()
    const rows = (values: object[]) => tx.json(values as unknown as postgres.JSONValue)
    await tx`
      insert into categories (id, slug, title, created_at)
      select id, slug, title, created_at from jsonb_to_recordset(${rows(categories)})
        as row (id uuid, slug text, title text, created_at timestamptz)`
    await tx`
      insert into products (id, slug, title, description, category_id, status, created_at, updated_at)
      select id, slug, title, description, category_id, 'published', created_at, created_at from jsonb_to_recordset(${rows(products)})
        as row (id uuid, slug text, title text, description text, category_id uuid, created_at timestamptz)`
    await tx`
      with rows as materialized (
        select * from jsonb_to_recordset(${rows(variants)}) as row (
          sku text, product_id uuid, title text, attributes jsonb, created_at timestamptz,
          amount bigint, on_hand int, low_at int, ledger_id uuid
        )
      ), new_variants as (
        insert into variants (sku, product_id, title, attributes, created_at)
        select sku, product_id, title, attributes, created_at from rows
      ), new_prices as (
        insert into prices (sku, currency, amount, updated_at) select sku, 'EUR', amount, created_at from rows
      ), new_stock as (
        insert into stock (sku, on_hand, low_at, updated_at) select sku, on_hand, low_at, created_at from rows
      )
      insert into stock_ledger (id, sku, delta, reason, created_at) select ledger_id, sku, on_hand, 'received', created_at from rows`
    await tx`
      insert into tax_rates (country, rate)
      select country, rate from jsonb_to_recordset(${rows(taxRates)}) as row (country char(2), rate int)
      on conflict (country) do nothing`
    await tx`analyze categories, products, variants, prices, stock, stock_ledger, tax_rates`
  })
}
