import { type SQL, sql } from 'drizzle-orm'

/**
 * The one way a basket is priced, for a quote and for a hold alike. Common table expressions to put behind `with`:
 * - `wanted (sku, quantity)`: the basket, one row per SKU, from the placeholder `items` (JSON `[{ sku, quantity }]`);
 * - `priced (sku, title, quantity, unit_price, subtotal, tax_rate, tax, total)`: its known SKUs, from the placeholders
 *   `currency` and `country`; a SKU that is not for sale in that currency is missing.
 *
 * Tax is rounded half up per line, in minor units.
 */
export const pricedBasket: SQL = sql`
  wanted as (
    select sku, sum(quantity)::int as quantity
    from jsonb_to_recordset(${sql.placeholder('items')}::jsonb) as item (sku text, quantity int)
    group by sku
  ),
  priced as (
    select line.*, line.subtotal + line.tax as total
    from (
      select
        w.sku,
        case when v.title = '' then p.title else p.title || ' – ' || v.title end as title,
        w.quantity,
        pr.amount as unit_price,
        pr.amount * w.quantity as subtotal,
        coalesce(t.rate, 0) as tax_rate,
        (pr.amount * w.quantity * coalesce(t.rate, 0) + 5000) / 10000 as tax
      from wanted w
      join variants v on v.sku = w.sku
      join products p on p.id = v.product_id and p.status = 'published'
      join prices pr on pr.sku = w.sku and pr.currency = ${sql.placeholder('currency')}
      left join tax_rates t on t.country = ${sql.placeholder('country')}
    ) line
  )`

/** The lines of `priced` as JSON in the shape of `PricedLine`, ordered by SKU. */
export const pricedLinesJson: SQL = sql`
  coalesce(jsonb_agg(jsonb_build_object(
    'sku', sku, 'title', title, 'quantity', quantity, 'unitPrice', unit_price,
    'subtotal', subtotal, 'taxRate', tax_rate, 'tax', tax, 'total', total
  ) order by sku), '[]')`
