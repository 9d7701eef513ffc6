import { type SQL, sql } from 'drizzle-orm'

/**
 * A common table expression to put behind `with`: `overdue (sku, quantity)`, the units in holds that are over but not taken
 * back yet. They are still reserved, and the next reservation may have them.
 */
export const overdueHolds: SQL = sql`
  overdue as (
    select line.sku, sum(line.quantity)::int as quantity
    from holds, jsonb_to_recordset(holds.lines) as line (sku text, quantity int)
    where holds.status = 'held' and holds.expires_at <= now()
    group by line.sku
  )`

/** How many units of the SKU of `s`, a row of `stock` or none, can be ordered now. Never below zero. */
export const availableUnits: SQL = sql`
  greatest(coalesce(s.on_hand - s.reserved, 0) + coalesce((select o.quantity from overdue o where o.sku = s.sku), 0), 0)`

/** Whether `availableUnits` is above zero; looks at the holds only when all there is is reserved. */
export const isAvailable: SQL = sql`
  coalesce(s.on_hand > s.reserved or exists (select from overdue o where o.sku = s.sku), false)`
