import { type SQL, sql } from 'drizzle-orm'
import { pricedBasket, pricedLinesJson } from '#db/inventory/quote.ts'

// Every statement here locks stock rows first, ordered by SKU, and then holds, so that no two of them can deadlock.
// What a statement decides on and computes with comes from the rows it has just locked; its snapshot may be older than
// they are, and an update checks the table's constraints against the snapshot's row before it looks at the newest one.

const holdJson = (row: string) =>
  sql.raw(`jsonb_build_object(
    'orderId', ${row}.order_id, 'status', ${row}.status, 'currency', coalesce(${row}.currency, ''), 'lines', ${row}.lines,
    'subtotal', ${row}.subtotal, 'tax', ${row}.tax, 'total', ${row}.total, 'expiresAt', ${row}.expires_at)`)

const orderId = sql`${sql.placeholder('orderId')}::uuid`

/** The lines of a hold never change, so the snapshot may tell which stock rows to lock; its status may not be told so. */
const lockedHold = sql`
  known as (
    select line ->> 'sku' as sku
    from holds, jsonb_array_elements(lines) as line
    where order_id = ${orderId}
  ),
  locked_stock as materialized (
    select sku, on_hand, reserved, version from stock where sku in (select sku from known) order by sku for update
  ),
  locked as materialized (
    select * from holds where order_id = ${orderId} and (select count(*) from locked_stock) >= 0 for update
  ),
  lines as (
    select locked.status, line ->> 'sku' as sku, (line ->> 'quantity')::int as quantity
    from locked, jsonb_array_elements(locked.lines) as line
  )`

/** `reserved <= on_hand` is checked by the table too: a shortage that slipped through here would fail, not oversell. */
export const reserveStatement: SQL = sql`
  with ${pricedBasket},
  locked_stock as materialized (
    select sku, on_hand, reserved, version from stock where sku in (select sku from wanted) order by sku for update
  ),
  unknown as (select sku from wanted where sku not in (select sku from priced)),
  short as (
    select w.sku from wanted w left join locked_stock s using (sku) where coalesce(s.on_hand - s.reserved, 0) < w.quantity
  ),
  held as (
    insert into holds (order_id, status, currency, lines, subtotal, tax, total, expires_at)
    select ${orderId}, 'held', ${sql.placeholder('currency')}, ${pricedLinesJson}, sum(subtotal), sum(tax), sum(total),
      now() + ${sql.placeholder('ttl')}::interval
    from priced
    where not exists (select from short) and not exists (select from unknown)
    having count(*) > 0
    on conflict (order_id) do nothing
    returning *
  ),
  taken as (
    update stock s
    set reserved = f.reserved + w.quantity, version = f.version + 1, updated_at = now()
    from locked_stock f join wanted w using (sku), held
    where s.sku = f.sku
  )
  select
    (select ${holdJson('held')} from held) as hold,
    (select coalesce(jsonb_agg(sku order by sku), '[]') from short) as short,
    (select coalesce(jsonb_agg(sku order by sku), '[]') from unknown) as unknown`

export const findStatement: SQL = sql`select ${holdJson('h')} as hold from holds h where h.order_id = ${orderId}`

export const commitStatement: SQL = sql`
  with ${lockedHold},
  short as (
    select l.sku from lines l join locked_stock s using (sku) where l.status = 'expired' and s.on_hand - s.reserved < l.quantity
  ),
  done as (
    update holds h
    set status = 'committed', updated_at = now()
    from locked
    where h.order_id = locked.order_id and locked.status in ('held', 'expired') and not exists (select from short)
    returning h.*
  ),
  sold as (
    update stock s
    set on_hand = f.on_hand - l.quantity,
      reserved = f.reserved - case l.status when 'held' then l.quantity else 0 end,
      version = f.version + 1, updated_at = now()
    from locked_stock f join lines l using (sku), done
    where s.sku = f.sku
    returning l.sku, l.quantity
  ),
  ledger as (
    insert into stock_ledger (sku, delta, reason, order_id) select sku, -quantity, 'sold', ${orderId} from sold
  )
  select
    locked.status as before,
    coalesce((select ${holdJson('done')} from done), case locked.status when 'committed' then ${holdJson('locked')} end) as hold,
    (select coalesce(jsonb_agg(sku order by sku), '[]') from short) as short
  from locked`

export const releaseStatement: SQL = sql`
  with ${lockedHold},
  tombstone as (
    insert into holds (order_id, status, expires_at)
    select ${orderId}, 'released', now() where not exists (select from locked)
    on conflict (order_id) do nothing
    returning order_id
  ),
  done as (
    update holds h set status = 'released', updated_at = now()
    from locked
    where h.order_id = locked.order_id and locked.status <> 'released'
  ),
  given as (
    update stock s
    set on_hand = f.on_hand + case l.status when 'committed' then l.quantity else 0 end,
      reserved = f.reserved - case l.status when 'held' then l.quantity else 0 end,
      version = f.version + 1, updated_at = now()
    from locked_stock f join lines l using (sku)
    where s.sku = f.sku and l.status in ('held', 'committed')
    returning l.sku, l.quantity, l.status
  ),
  ledger as (
    insert into stock_ledger (sku, delta, reason, order_id)
    select sku, quantity, 'returned', ${orderId} from given where status = 'committed'
  )
  select exists (select from locked) or exists (select from tombstone) as done`

export const takeBackStatement: SQL = sql`
  with over as (
    select order_id, lines from holds
    where status = 'held' and expires_at < now()
      and exists (
        select from jsonb_array_elements(lines) as line
        where line ->> 'sku' in (select jsonb_array_elements_text(${sql.placeholder('skus')}::jsonb))
      )
    order by expires_at
    limit 100
  ),
  locked_stock as materialized (
    select sku, reserved, version from stock
    where sku in (select line ->> 'sku' from over, jsonb_array_elements(lines) as line)
    order by sku for update
  ),
  locked as materialized (
    select order_id, lines from holds
    where order_id in (select order_id from over) and status = 'held' and expires_at < now()
      and (select count(*) from locked_stock) >= 0
    order by order_id for update
  ),
  ended as (
    update holds h set status = 'expired', updated_at = now() from locked where h.order_id = locked.order_id returning h.order_id
  ),
  back as (
    select line ->> 'sku' as sku, sum((line ->> 'quantity')::int)::int as quantity
    from locked, jsonb_array_elements(locked.lines) as line
    group by 1
  ),
  given as (
    update stock s set reserved = f.reserved - b.quantity, version = f.version + 1, updated_at = now()
    from locked_stock f join back b using (sku)
    where s.sku = f.sku
  )
  select count(*)::int as taken from ended`
