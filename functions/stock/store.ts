import { sql } from 'drizzle-orm'
import { availableUnits, overdueHolds } from '#db/inventory/availability.ts'
import type { Pg } from '#shared/pg/pg.ts'

/** The statements of this function. */
export const statements = {
  level: sql`
    with ${overdueHolds}
    select row_to_json(level)::text as body from (
      select sku, available, available <= low_at as low from (
        select v.sku, ${availableUnits} as available, coalesce(s.low_at, 0) as low_at
        from variants v
        join products p on p.id = v.product_id and p.status = 'published'
        left join stock s on s.sku = v.sku
        where v.sku = ${sql.placeholder('sku')}
      ) counted
    ) level`,
}

export type StockStore = ReturnType<typeof stockStore>

export function stockStore(pg: Pg) {
  const level = pg.statement<{ body: string }>('stock.level', statements.level)
  return {
    /** How much of a SKU that is for sale can be ordered, as JSON; nothing when there is no such SKU. */
    level: async (sku: string): Promise<string | undefined> => (await level({ sku }))[0]?.body,
  }
}
