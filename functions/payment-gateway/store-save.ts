import { type SQL, sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'
import type { Charge } from './charge.ts'
import type { Customer } from './customer.ts'
import type { EventRow } from './event.ts'
import type { Outcome } from './outcome.ts'
import type { Intent, Payment } from './payment-intent.ts'
import type { SavedMethod } from './payment-method-view.ts'
import type { Refund } from './refund.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

/** What was answered to a key, with what it was asked. */
export type StoredAnswer = { readonly fingerprint: string; readonly request_id: string; readonly status: number; readonly body: string }

/** What a request is known by: its key, what it asks, and what it answers when a test makes this operation fail. */
export type Entry = {
  readonly key: string
  /** The key as the caller gave it; `null` when it gave none. */
  readonly givenKey: string | null
  readonly fingerprint: string
  /** `null` when nobody asked: time did. */
  readonly requestId: string | null
  readonly operation: string
  readonly ifFailed: string
}

/** The objects a request leaves behind, what it tells endpoints, its answer, and how it is counted. */
export type Effect = {
  readonly payment?: Payment
  readonly refund?: Refund | undefined
  readonly method?: SavedMethod | undefined
  readonly customer?: Customer
  readonly endpoint?: WebhookEndpoint
  readonly events: readonly EventRow[]
  readonly answer: { readonly status: number; readonly body: string }
  readonly outcome: Outcome | null
}

/** The row that must be as it was read for an effect to be saved. */
export type Guard = { readonly table: GuardedTable; readonly id: string; readonly version: number }
const guardedTables = ['payment_intents', 'customers', 'payment_methods', 'webhook_endpoints'] as const
type GuardedTable = (typeof guardedTables)[number]

/** `busy`: a request with this key is under way. `moved`: another request came first; read again and decide again. */
export type Saved = 'busy' | 'moved' | { readonly status: number; readonly body: string; readonly deliveries: number }

/** Where a payment is looked for, and the parameter that said so. */
export type Target = ({ readonly intent: string } | { readonly charge: string } | { readonly refund: string }) & { readonly param: string }

/** A payment with the refund by which it was looked for. */
export type Found = Payment & { readonly refund: Refund | null }

const p = sql.placeholder

// Keys are forgotten after 24 hours, as Stripe does.
const isRemembered = sql`created_at > now() - interval '24 hours'`
const storedAnswer = sql`(
  select json_build_object('fingerprint', fingerprint, 'request_id', request_id, 'status', status, 'body', body)
  from idempotency_keys where key = ${p('key')} and ${isRemembered}
)`

/**
 * Saves an effect, its events and the answer to its key in one statement, so that either all of it is there or nothing. A
 * request whose key is being used changes nothing; `attempt` yields a row only when the change may be made. The failure a test
 * ordered replaces the answer.
 */
const saving = (attempt: SQL, effects: SQL) => sql`
  with lock as materialized (
    select pg_try_advisory_xact_lock(hashtextextended(${p('key')}::text, 0)) as free
  ), attempt as (${attempt}), fault as (
    update faults set remaining = remaining - 1 where id = (
      select id from faults
      where ${p('control')}::boolean and ${p('requestId')}::text is not null and remaining > 0
        and (operation is null or operation = ${p('operation')}) and exists (select from attempt)
        and not exists (select from idempotency_keys where key = ${p('key')}::text and ${isRemembered})
      order by id limit 1 for update
    ) returning status, effect
  ), answer as (
    insert into idempotency_keys as k (key, fingerprint, request_id, status, body)
    select ${p('key')}::text, ${p('fingerprint')}::text, coalesce(${p('requestId')}::text, ''), coalesce(fault.status, ${p('status')}::smallint),
      case when fault.status is null then ${p('body')}::text else ${p('ifFailed')}::text end
    from attempt left join fault on true
    on conflict (key) do update
      set fingerprint = excluded.fingerprint, request_id = excluded.request_id, status = excluded.status, body = excluded.body, created_at = now()
      where k.created_at <= now() - interval '24 hours'
    returning status, body
  ), work as (
    select from answer where coalesce((select effect from fault), true)
  ), ${effects}, new_events as (
    insert into events (id, created, type, data, request_id, idempotency_key)
    select e.id, e.created, e.type, e.data, ${p('requestId')}::text, ${p('givenKey')}::text
    from work, json_to_recordset(${p('events')}::json) as e (id text, created bigint, type text, data json)
    returning id, type
  ), new_deliveries as (
    insert into deliveries (event, endpoint, created_at, due_at)
    select e.id, w.id, ${p('at')}::timestamptz, ${p('at')}::timestamptz
    from new_events e join webhook_endpoints w
      on w.status = 'enabled' and (w.enabled_events @> '"*"'::jsonb or w.enabled_events @> to_jsonb(e.type))
    order by e.id
    returning id
  )
  select lock.free, answer.status, answer.body, (select count(*) from new_deliveries) as deliveries
  from lock left join answer on true`

const insertIntent = sql`saved_intent as (
  insert into payment_intents select r.* from work, jsonb_populate_record(null::payment_intents, ${p('intent')}::jsonb) r
)`
const updateIntent = sql`saved_intent as (
  update payment_intents i set version = i.version + 1, status = r.status, amount = r.amount, amount_capturable = r.amount_capturable,
    amount_received = r.amount_received, currency = r.currency, capture_method = r.capture_method, customer = r.customer,
    payment_method = r.payment_method, latest_charge = r.latest_charge, cancellation_reason = r.cancellation_reason,
    canceled_at = r.canceled_at, last_payment_error = r.last_payment_error, next_action = r.next_action, metadata = r.metadata,
    details = r.details
  from work, jsonb_populate_record(null::payment_intents, ${p('intent')}::jsonb) r where i.id = r.id
)`
const saveCharge = sql`saved_charge as (
  insert into charges select r.* from work, jsonb_populate_record(null::charges, ${p('charge')}::jsonb) r where r.id is not null
  on conflict (id) do update
    set amount_captured = excluded.amount_captured, amount_refunded = excluded.amount_refunded, released = excluded.released
)`
const saveRefund = sql`saved_refund as (
  insert into refunds select r.* from work, jsonb_populate_record(null::refunds, ${p('refund')}::jsonb) r where r.id is not null
  on conflict (id) do update set status = excluded.status, failure_reason = excluded.failure_reason, settles_at = excluded.settles_at,
    metadata = excluded.metadata
)`
const saveMethod = sql`saved_method as (
  insert into payment_methods as m select r.* from work, jsonb_populate_record(null::payment_methods, ${p('method')}::jsonb) r
  where r.id is not null
  on conflict (id) do update
    set version = m.version + 1, customer = excluded.customer, metadata = excluded.metadata, details = excluded.details
)`
const saveCustomer = sql`saved_customer as (
  insert into customers as c select r.* from work, jsonb_populate_record(null::customers, ${p('customer')}::jsonb) r where r.id is not null
  on conflict (id) do update set version = c.version + 1, deleted = excluded.deleted, email = excluded.email,
    metadata = excluded.metadata, details = excluded.details
)`
const saveEndpoint = sql`saved_endpoint as (
  insert into webhook_endpoints as w select r.* from work, jsonb_populate_record(null::webhook_endpoints, ${p('endpoint')}::jsonb) r
  where r.id is not null
  on conflict (id) do update set version = w.version + 1, url = excluded.url, status = excluded.status,
    enabled_events = excluded.enabled_events, description = excluded.description, metadata = excluded.metadata
)`

const free = sql`select from lock where free`
// Two requests that read the same version are one too many: the second waits for the row and then finds another version.
const unchanged = (table: GuardedTable) => sql`
  select from lock join ${sql.identifier(table)} t on t.id = ${p('id')} and t.version = ${p('version')}::integer
  where lock.free for update of t`

/** Reads what requests change, and saves what they change it to. */
export function savingStore(pg: Pg, { control }: { control: boolean }) {
  type Row = { answer: StoredAnswer | null; intent: Intent | null } & Omit<Found, 'intent'>
  const payment = (name: string, from: SQL) =>
    pg.statement<Row>(
      name,
      sql`select ${storedAnswer} as answer, to_jsonb(i) as intent, to_jsonb(c) as charge, to_jsonb(r) as refund, to_jsonb(cu) as customer, to_jsonb(m) as method
        from (select) one ${from} left join customers cu on cu.id = i.customer left join payment_methods m on m.id = i.payment_method`,
    )
  const answerTo = pg.statement<{ answer: StoredAnswer | null }>('find_answer', sql`select ${storedAnswer} as answer`)
  const noRefund = sql`left join refunds r on false`
  const byIntent = payment(
    'find_by_intent',
    sql`left join payment_intents i on i.id = ${p('id')} left join charges c on c.id = i.latest_charge ${noRefund}`,
  )
  const byCharge = payment(
    'find_by_charge',
    sql`left join charges c on c.id = ${p('id')} left join payment_intents i on i.id = c.payment_intent ${noRefund}`,
  )
  const byRefund = payment(
    'find_by_refund',
    sql`left join refunds r on r.id = ${p('id')} left join charges c on c.id = r.charge left join payment_intents i on i.id = r.payment_intent`,
  )
  type Result = { free: boolean; status: number | null; body: string; deliveries: number }
  const other = sql`${saveCustomer}, ${saveMethod}, ${saveEndpoint}`
  const create = pg.statement<Result>('create_payment', saving(free, sql`${insertIntent}, ${saveCharge}, ${saveMethod}`))
  const createOther = pg.statement<Result>('create_object', saving(free, other))
  const paymentEffects = sql`${updateIntent}, ${saveCharge}, ${saveRefund}, ${saveMethod}`
  const change = Object.fromEntries(
    guardedTables.map((table) => {
      const effects = table === 'payment_intents' ? paymentEffects : other
      return [table, pg.statement<Result>(`change_${table}`, saving(unchanged(table), effects))]
    }),
  ) as Record<GuardedTable, ReturnType<typeof pg.statement<Result>>>
  const objectIn = Object.fromEntries(
    guardedTables.map((table) => [
      table,
      pg.statement<{ answer: StoredAnswer | null; object: unknown }>(
        `find_in_${table}`,
        sql`select ${storedAnswer} as answer, to_jsonb(t) as object
          from (select) one left join ${sql.identifier(table)} t on t.id = ${p('id')}`,
      ),
    ]),
  ) as Record<GuardedTable, ReturnType<typeof pg.statement<{ answer: StoredAnswer | null; object: unknown }>>>

  async function findIn<T>(table: GuardedTable, key: string, id: string) {
    const [row] = await objectIn[table]({ key, id })
    return { answer: row?.answer ?? null, object: (row?.object ?? null) as T | null }
  }

  return {
    /** The answer already given to `key`. */
    findAnswer: async (key: string): Promise<StoredAnswer | null> => (await answerTo({ key }))[0]?.answer ?? null,
    /** The answer already given to `key`, and the payment that `target` names. */
    async find(key: string, target: Target): Promise<{ answer: StoredAnswer | null; payment: Found | null }> {
      const [row] = await ('intent' in target
        ? byIntent({ key, id: target.intent })
        : 'charge' in target
          ? byCharge({ key, id: target.charge })
          : byRefund({ key, id: target.refund }))
      if (!row?.intent) return { answer: row?.answer ?? null, payment: null }
      const { answer, intent, ...rest } = row
      return { answer, payment: { ...rest, intent } }
    },
    /** The answer already given to `key`, and the customer with this id. */
    findCustomer: (key: string, id: string) => findIn<Customer>('customers', key, id),
    /** The answer already given to `key`, and the saved card with this id. */
    findMethod: (key: string, id: string) => findIn<SavedMethod>('payment_methods', key, id),
    /** The answer already given to `key`, and the webhook endpoint with this id. */
    findEndpoint: (key: string, id: string) => findIn<WebhookEndpoint>('webhook_endpoints', key, id),

    /** Saves what was decided on an object as it was read (`null`: a new one), together with the answer to the key. */
    async save(entry: Entry, guard: Guard | null, effect: Effect, at: Date): Promise<Saved> {
      const values = { ...entry, ...effect.answer, control, at: at.toISOString(), events: JSON.stringify(effect.events), ...rowsOf(effect) }
      const [row] = await (guard
        ? change[guard.table]({ ...values, id: guard.id, version: guard.version })
        : effect.payment
          ? create(values)
          : createOther(values))
      if (!row?.free) return 'busy'
      return row.status === null ? 'moved' : { status: row.status, body: row.body, deliveries: row.deliveries }
    },
  }
}

const rowOf = (row: Intent | Charge | Refund | SavedMethod | Customer | WebhookEndpoint | null | undefined) =>
  row ? JSON.stringify(row) : null

const rowsOf = ({ payment, refund, method, customer, endpoint }: Effect) => ({
  intent: rowOf(payment?.intent),
  charge: rowOf(payment?.charge),
  refund: rowOf(refund),
  method: rowOf(method),
  customer: rowOf(customer),
  endpoint: rowOf(endpoint),
})
