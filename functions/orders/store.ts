import { type SQL, sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'
import type { Address, Item, Order } from './order.ts'

/** What a customer asks for, before anything is done about it. */
export type NewOrder = {
  readonly id: string
  readonly accountId: string
  readonly idempotencyScope: string
  readonly idempotencyKey: string
  readonly fingerprint: string
  readonly items: readonly Item[]
  readonly shippingAddress: Address
  readonly paymentMethod: string
  readonly currency: string
  readonly expectedTotal: number | null
}

/** What a runner may change of an order it has the lease of. */
export type Changes = Partial<
  Pick<
    Order,
    'status' | 'goal' | 'attempt' | 'paymentIntentId' | 'failure' | 'lines' | 'subtotal' | 'tax' | 'total' | 'captured' | 'refunded'
  >
>

/** When the order is to be settled again (seconds from now), or `null` when nothing is open; either way the lease ends. */
export type LetGo = { readonly dueInSeconds: number | null }

export type OrderEvent = { readonly type: string; readonly data?: Record<string, unknown> }

export type OrdersStore = ReturnType<typeof ordersStore>

type Row = Record<string, unknown> & { created_at: string; updated_at: string; age_seconds: number }

const p = (name: string): SQL => sql`${sql.placeholder(name)}`
const columns = (row: string) => sql.raw(`${row}.*, extract(epoch from clock_timestamp() - ${row}.created_at)::float8 as age_seconds`)
const seconds = (name: string): SQL => sql`${p(name)}::float8 * interval '1 second'`

const placeStatement = sql`
  with placed as (
    insert into orders (
      id, account_id, idempotency_scope, idempotency_key, fingerprint, items, shipping_address, payment_method, currency, expected_total,
      lease_until, due_at
    )
    values (
      ${p('id')}, ${p('accountId')}, ${p('idempotencyScope')}, ${p('idempotencyKey')}, ${p('fingerprint')}, ${p('items')}, ${p('shippingAddress')},
      ${p('paymentMethod')}, ${p('currency')}, ${p('expectedTotal')}, now() + ${seconds('lease')}, now() + ${seconds('due')}
    )
    on conflict (idempotency_scope, idempotency_key) do nothing
    returning *
  ),
  event as (insert into order_events (order_id, version, type) select id, version, 'order.created' from placed)
  select ${columns('placed')} from placed`

const leaseStatement = sql`
  update orders o
  set lease_until = now() + ${seconds('lease')}, due_at = now() + ${seconds('due')}, version = version + 1, updated_at = now()
  where id = ${p('id')} and lease_until < now() and status in ('pending', 'requires_action')
  returning ${columns('o')}`

/** The version is the fence: a runner that lost its lease finds another one here and changes nothing. */
const saveStatement = sql`
  with saved as (
    update orders o
    set (status, goal, attempt, payment_intent_id, failure, lines, subtotal, tax, total, captured, refunded) = (
        select status, goal, attempt, payment_intent_id, failure, lines, subtotal, tax, total, captured, refunded
        from jsonb_populate_record(o, ${p('changes')}::jsonb)
      ),
      lease_until = case when ${p('letGo')}::boolean then now() else o.lease_until end,
      due_at = case when ${p('letGo')}::boolean then now() + ${seconds('due')} else o.due_at end,
      version = o.version + 1, updated_at = now()
    where o.id = ${p('id')} and o.version = ${p('version')}
    returning o.*
  ),
  event as (
    insert into order_events (order_id, version, type, data)
    select id, version, ${p('eventType')}::text, ${p('eventData')}::jsonb from saved where ${p('eventType')}::text is not null
  )
  select ${columns('saved')} from saved`

/** All SQL on orders; each call is one statement. Leases and due times go by the database's clock. */
export function ordersStore(pg: Pg) {
  const insert = pg.statement<Row>('orders.place', placeStatement)
  const lease = pg.statement<Row>('orders.lease', leaseStatement)
  const save = pg.statement<Row>('orders.save', saveStatement)
  const find = pg.statement<Row>('orders.find', sql`select ${columns('o')} from orders o where id = ${p('id')}`)
  const findByKey = pg.statement<Row>(
    'orders.find_by_key',
    sql`select ${columns('o')} from orders o where idempotency_scope = ${p('idempotencyScope')} and idempotency_key = ${p('idempotencyKey')}`,
  )
  const first = ([row]: Row[]): Order | undefined => row && toOrder(row)

  return {
    /** Stores the intent and takes its lease; `placed` is false when the key was used before, and then that order is answered. */
    async place(order: NewOrder, leaseSeconds: number): Promise<{ order: Order; placed: boolean }> {
      const { items, shippingAddress } = order
      const json = { items: JSON.stringify(items), shippingAddress: JSON.stringify(shippingAddress) }
      const placed = first(await insert({ ...order, ...json, lease: leaseSeconds, due: leaseSeconds }))
      if (placed) return { order: placed, placed: true }
      const known = first(await findByKey({ idempotencyScope: order.idempotencyScope, idempotencyKey: order.idempotencyKey }))
      if (!known) throw new Error('an order gave way to another with its idempotency key that is not there')
      return { order: known, placed: false }
    },

    /** Takes the lease of an open order that nobody holds; the version it answers guards every later write. */
    takeLease: async (id: string, leaseSeconds: number): Promise<Order | undefined> =>
      first(await lease({ id, lease: leaseSeconds, due: leaseSeconds })),

    find: async (id: string): Promise<Order | undefined> => first(await find({ id })),

    /** Saves what a runner has found out, with its event; `undefined` when the runner no longer has the lease. */
    save: async ({ id, version }: Order, changes: Changes, event?: OrderEvent, letGo?: LetGo): Promise<Order | undefined> =>
      first(
        await save({
          id,
          version,
          changes: JSON.stringify(toColumns(changes)),
          letGo: letGo !== undefined,
          due: letGo?.dueInSeconds ?? null,
          eventType: event?.type ?? null,
          eventData: JSON.stringify(event?.data ?? {}),
        }),
      ),
  }
}

const toSnake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const toCamel = (name: string) => name.replace(/_[a-z]/g, (letter) => letter.charAt(1).toUpperCase())

const toColumns = (changes: Changes) => Object.fromEntries(Object.entries(changes).map(([name, value]) => [toSnake(name), value]))

/** Rows have the types of `db/orders/schema.ts`; only names and times differ. */
function toOrder(row: Row): Order {
  const named = Object.fromEntries(Object.entries(row).map(([name, value]) => [toCamel(name), value]))
  return { ...(named as Order), createdAt: new Date(row.created_at), updatedAt: new Date(row.updated_at) }
}
