import { type SQL, sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'
import type { Charge } from './charge.ts'
import type { Outcome } from './outcome.ts'
import type { Intent, Payment } from './payment-intent.ts'
import type { Refund } from './refund.ts'

/** What was answered to a key, with what it was asked. */
export type StoredAnswer = { readonly fingerprint: string; readonly request_id: string; readonly status: number; readonly body: string }

/** What a request is known by: its key, what it asks, and what it answers when a test makes this operation fail. */
export type Entry = {
  readonly key: string
  readonly fingerprint: string
  readonly requestId: string
  readonly operation: string
  readonly ifFailed: string
}

/** The objects a request leaves behind, its answer, and how it is counted. */
export type Effect = {
  readonly payment: Payment
  readonly refund?: Refund | undefined
  readonly answer: { readonly status: number; readonly body: string }
  readonly outcome: Outcome
}

/** `busy`: a request with this key is under way. `moved`: another request came first; read again and decide again. */
export type Saved = 'busy' | 'moved' | { readonly status: number; readonly body: string }

/** Where a payment is looked for, and the parameter that said so. */
export type Target = ({ readonly intent: string } | { readonly charge: string }) & { readonly param: string }

/** A page of a list, newest first: only what was created in `[from, to]` and comes `after` an object. */
export type PageOf = { readonly limit: number; readonly from: number; readonly to: number; readonly after?: Cursor | undefined }
/** The last object of the page before. */
export type Cursor = { readonly created: number; readonly id: string }

/** A failure that a test orders for the next `count` requests of an operation (any, when `null`). */
export type Fault = { readonly operation: string | null; readonly status: number; readonly effect: boolean; readonly count: number }

/** All SQL of the gateway. */
export type PaymentStore = ReturnType<typeof paymentStore>

const p = sql.placeholder
/** A refund with what it is of. */
export type RefundRow = { readonly refund: Refund; readonly intent: Intent; readonly charge: Charge }

/** Where a page begins: right after the last object of the page before, or at the newest that may be listed. */
const bounds = ({ limit, from, to, after }: PageOf) => {
  const before = after && after.created <= to ? after : { created: to + 1, id: '' }
  return { limit, from, beforeCreated: before.created, beforeId: before.id }
}

type Row = { answer: StoredAnswer | null; intent: Intent | null; charge: Charge | null }

// Keys are forgotten after 24 hours, as Stripe does.
const isRemembered = sql`created_at > now() - interval '24 hours'`
const storedAnswer = sql`(
  select json_build_object('fingerprint', fingerprint, 'request_id', request_id, 'status', status, 'body', body)
  from idempotency_keys where key = ${p('key')} and ${isRemembered}
)`

/**
 * Saves an effect and the answer to its key in one statement, so that either both are there or none. A request whose key is
 * being used changes nothing; `attempt` yields a row only when the change may be made. The failure a test ordered replaces the answer.
 */
const saving = (attempt: SQL, effects: SQL) => sql`
  with lock as materialized (
    select pg_try_advisory_xact_lock(hashtextextended(${p('key')}::text, 0)) as free
  ), attempt as (${attempt}), fault as (
    update faults set remaining = remaining - 1 where id = (
      select id from faults
      where ${p('control')}::boolean and remaining > 0 and (operation is null or operation = ${p('operation')}) and exists (select from attempt)
        and not exists (select from idempotency_keys where key = ${p('key')}::text and ${isRemembered})
      order by id limit 1 for update
    ) returning status, effect
  ), answer as (
    insert into idempotency_keys as k (key, fingerprint, request_id, status, body)
    select ${p('key')}::text, ${p('fingerprint')}::text, ${p('requestId')}::text, coalesce(fault.status, ${p('status')}::smallint),
      case when fault.status is null then ${p('body')}::text else ${p('ifFailed')}::text end
    from attempt left join fault on true
    on conflict (key) do update
      set fingerprint = excluded.fingerprint, request_id = excluded.request_id, status = excluded.status, body = excluded.body, created_at = now()
      where k.created_at <= now() - interval '24 hours'
    returning status, body
  ), work as (
    select from answer where coalesce((select effect from fault), true)
  ), ${effects}
  select lock.free, answer.status, answer.body from lock left join answer on true`

const insertIntent = sql`saved_intent as (
  insert into payment_intents select r.* from work, jsonb_populate_record(null::payment_intents, ${p('intent')}::jsonb) r
)`
const updateIntent = sql`saved_intent as (
  update payment_intents i set version = i.version + 1, status = r.status, amount_capturable = r.amount_capturable,
    amount_received = r.amount_received, capture_method = r.capture_method, payment_method = r.payment_method, latest_charge = r.latest_charge,
    cancellation_reason = r.cancellation_reason, canceled_at = r.canceled_at, last_payment_error = r.last_payment_error,
    next_action = r.next_action, metadata = r.metadata, details = r.details
  from work, jsonb_populate_record(null::payment_intents, ${p('intent')}::jsonb) r where i.id = r.id
)`
const saveCharge = sql`saved_charge as (
  insert into charges select r.* from work, jsonb_populate_record(null::charges, ${p('charge')}::jsonb) r where r.id is not null
  on conflict (id) do update
    set amount_captured = excluded.amount_captured, amount_refunded = excluded.amount_refunded, released = excluded.released
)`
const insertRefund = sql`saved_refund as (
  insert into refunds select r.* from work, jsonb_populate_record(null::refunds, ${p('refund')}::jsonb) r where r.id is not null
)`

const created = sql`select from lock where free`
// Two requests that read the same version are one too many: the second waits for the row and then finds another version.
const unchanged = sql`
  select from lock join payment_intents i on i.id = ${p('id')} and i.version = ${p('version')}::integer where lock.free for update of i`

/** All SQL of the gateway. `control` tells whether failures ordered by tests are carried out. */
export function paymentStore(pg: Pg, { control = false }: { control?: boolean } = {}) {
  const payment = (name: string, from: SQL) =>
    pg.statement<Row>(name, sql`select ${storedAnswer} as answer, to_jsonb(i) as intent, to_jsonb(c) as charge from (select) one ${from}`)
  const byIntent = payment(
    'find_by_intent',
    sql`left join payment_intents i on i.id = ${p('id')} left join charges c on c.id = i.latest_charge`,
  )
  const byCharge = payment(
    'find_by_charge',
    sql`left join charges c on c.id = ${p('id')} left join payment_intents i on i.id = c.payment_intent`,
  )
  const create = pg.statement<{ free: boolean; status: number | null; body: string }>(
    'create_payment',
    saving(created, sql`${insertIntent}, ${saveCharge}`),
  )
  const change = pg.statement<{ free: boolean; status: number | null; body: string }>(
    'change_payment',
    saving(unchanged, sql`${updateIntent}, ${saveCharge}, ${insertRefund}`),
  )
  const chargeById = pg.statement<{ charge: Charge }>('find_charge', sql`select to_jsonb(c) as charge from charges c where id = ${p('id')}`)
  const addFault = pg.statement(
    'order_fault',
    sql`insert into faults (operation, status, effect, remaining)
      values (${p('operation')}, ${p('status')}::smallint, ${p('effect')}::boolean, ${p('count')}::integer)`,
  )
  const paged = (alias: SQL) => sql`
    (${alias}.created, ${alias}.id) < (${p('beforeCreated')}::bigint, ${p('beforeId')}::text) and ${alias}.created >= ${p('from')}::bigint
    order by ${alias}.created desc, ${alias}.id desc limit ${p('limit')}::integer`
  const withCharge = sql`select to_jsonb(i) as intent, to_jsonb(c) as charge`
  const payments = pg.statement<Payment>(
    'list_payments',
    sql`${withCharge} from payment_intents i left join charges c on c.id = i.latest_charge where ${paged(sql`i`)}`,
  )
  // Materialized, so that the index on the metadata is used and not the order of creation walked until something fits.
  const paymentsByMetadata = pg.statement<Payment>(
    'search_payments',
    sql`with found as materialized (select * from payment_intents where metadata @> ${p('metadata')}::jsonb)
      ${withCharge} from found i left join charges c on c.id = i.latest_charge where ${paged(sql`i`)}`,
  )
  const refundOf = sql`select to_jsonb(r) as refund, to_jsonb(c) as charge, to_jsonb(i) as intent
    from refunds r join charges c on c.id = r.charge join payment_intents i on i.id = r.payment_intent`
  const refundById = pg.statement<RefundRow>('find_refund', sql`${refundOf} where r.id = ${p('id')}`)
  const refunds = pg.statement<RefundRow>('list_refunds', sql`${refundOf} where ${paged(sql`r`)}`)
  const refundsOfIntent = pg.statement<RefundRow>(
    'list_refunds_of_intent',
    sql`${refundOf} where r.payment_intent = ${p('of')} and ${paged(sql`r`)}`,
  )
  const refundsOfCharge = pg.statement<RefundRow>(
    'list_refunds_of_charge',
    sql`${refundOf} where r.charge = ${p('of')} and ${paged(sql`r`)}`,
  )

  return {
    /** The answer already given to `key`, and the payment that `target` names; without one only the answer. */
    async find(key: string, target: Target | null): Promise<{ answer: StoredAnswer | null; payment: Payment | null }> {
      const [row] =
        target && 'charge' in target ? await byCharge({ key, id: target.charge }) : await byIntent({ key, id: target?.intent ?? '' })
      return { answer: row?.answer ?? null, payment: row?.intent ? { intent: row.intent, charge: row.charge } : null }
    },

    /** The charge with this id. */
    async findCharge(id: string): Promise<Charge | null> {
      const [row] = await chargeById({ id })
      return row?.charge ?? null
    },

    /** The refund with this id, and what it is of. */
    async findRefund(id: string): Promise<RefundRow | null> {
      const [row] = await refundById({ id })
      return row ?? null
    },

    /** A page of payments, newest first. */
    listPayments: (page: PageOf): Promise<Payment[]> => payments(bounds(page)),

    /** A page of the payments whose metadata hold these keys and values, newest first. */
    searchPayments: (page: PageOf, metadata: Record<string, string>): Promise<Payment[]> =>
      paymentsByMetadata({ ...bounds(page), metadata: JSON.stringify(metadata) }),

    /** A page of refunds, newest first; only those of a payment intent or a charge when one is named. */
    listRefunds: (page: PageOf, { intent, charge }: { intent?: string | undefined; charge?: string | undefined }): Promise<RefundRow[]> => {
      if (charge !== undefined) return refundsOfCharge({ ...bounds(page), of: charge })
      return intent === undefined ? refunds(bounds(page)) : refundsOfIntent({ ...bounds(page), of: intent })
    },

    /** Makes the next requests fail, as tests order it. */
    async orderFault({ operation, status, effect, count }: Fault): Promise<void> {
      await addFault({ operation, status, effect, count })
    },

    /** Saves what was decided on a payment as it was read (`null`: a new one), together with the answer to the key. */
    async save(entry: Entry, read: Payment | null, { payment: { intent, charge }, refund, answer }: Effect): Promise<Saved> {
      const values = { ...entry, ...answer, control, intent: JSON.stringify(intent), charge: charge && JSON.stringify(charge) }
      const [row] = read
        ? await change({ ...values, id: read.intent.id, version: read.intent.version, refund: refund ? JSON.stringify(refund) : null })
        : await create(values)
      if (!row?.free) return 'busy'
      return row.status === null ? 'moved' : { status: row.status, body: row.body }
    },
  }
}
