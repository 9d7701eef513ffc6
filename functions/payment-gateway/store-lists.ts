import { type SQL, sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'
import type { Charge } from './charge.ts'
import type { Customer } from './customer.ts'
import type { StoredEvent } from './event.ts'
import type { Intent, Payment } from './payment-intent.ts'
import type { SavedMethod } from './payment-method-view.ts'
import type { Refund } from './refund.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

/**
 * A page of a list, newest first: only what was created in `[from, to]`, and comes `after` an object, or just `before` one.
 */
export type PageOf = {
  readonly limit: number
  readonly from: number
  readonly to: number
  readonly after?: Cursor | undefined
  readonly before?: Cursor | undefined
}
/** The object that a page begins after, or ends before. */
export type Cursor = { readonly created: number; readonly id: string }

/** A refund with what it is of. */
export type RefundRow = { readonly refund: Refund; readonly intent: Intent; readonly charge: Charge; readonly customer: Customer | null }
/** A charge with what it is of. */
export type ChargeRow = Omit<RefundRow, 'refund'>

type Filter = Readonly<Record<string, string | undefined>>

const p = sql.placeholder
/** Beyond every id. */
const LAST = '~'

/** Where a page begins: right after the last object of the page before, or at the newest that may be listed. */
function bounds({ limit, from, to, after, before }: PageOf) {
  const first = after && after.created <= to ? after : { created: to + 1, id: '' }
  const last = before && before.created >= from ? before : { created: from - 1, id: LAST }
  return { limit, firstCreated: first.created, firstId: first.id, lastCreated: last.created, lastId: last.id }
}

const paged = (alias: string, order: 'asc' | 'desc') => {
  const [created, id] = [sql.raw(`${alias}.created`), sql.raw(`${alias}.id`)]
  return sql`(${created}, ${id}) < (${p('firstCreated')}::bigint, ${p('firstId')}::text)
    and (${created}, ${id}) > (${p('lastCreated')}::bigint, ${p('lastId')}::text)
    order by ${created} ${sql.raw(order)}, ${id} ${sql.raw(order)} limit ${p('limit')}::integer`
}

/** Lists objects page by page, and finds single ones that requests only read. */
export function listStore(pg: Pg) {
  /** A list with a statement for each filter and direction, as only so each finds its index. */
  function list<Row>(name: string, select: SQL, alias: string, filters: Readonly<Record<string, SQL>> = {}) {
    const make = (suffix: string, condition: SQL) =>
      (['asc', 'desc'] as const).map((order) =>
        pg.statement<Row>(`list_${name}${suffix}_${order}`, sql`${select} where ${condition} and ${paged(alias, order)}`),
      )
    const all = make('', filters[''] ?? sql`true`)
    const by = Object.entries(filters)
      .filter(([field]) => field !== '')
      .map(([field, condition]) => [field, make(`_by_${field}`, condition)] as const)
    return async (page: PageOf, filter: Filter = {}): Promise<Row[]> => {
      const chosen = by.find(([field]) => filter[field] !== undefined)
      const [ascending, descending] = chosen?.[1] ?? all
      const values = { ...bounds(page), of: chosen && filter[chosen[0]] }
      // What comes just before an object is found by going the other way.
      if (page.before) return ((await ascending?.(values)) ?? []).toReversed()
      return (await descending?.(values)) ?? []
    }
  }
  const equals = (column: string) => sql`${sql.raw(column)} = ${p('of')}::text`
  const paymentColumns = sql`select to_jsonb(i) as intent, to_jsonb(c) as charge, to_jsonb(cu) as customer, to_jsonb(m) as method`
  const joined = sql`left join charges c on c.id = i.latest_charge left join customers cu on cu.id = i.customer
    left join payment_methods m on m.id = i.payment_method`
  const payments = list<Payment>('payments', sql`${paymentColumns} from payment_intents i ${joined}`, 'i', {
    customer: equals('i.customer'),
  })
  // Materialized, so that the index on the metadata is used and not the order of creation walked until something fits.
  const paymentsByMetadata = pg.statement<Payment>(
    'search_payments',
    sql`with found as materialized (select * from payment_intents where metadata @> ${p('metadata')}::jsonb)
      ${paymentColumns} from found i ${joined} where ${paged('i', 'desc')}`,
  )
  const refundColumns = sql`select to_jsonb(r) as refund, to_jsonb(c) as charge, to_jsonb(i) as intent, to_jsonb(cu) as customer
    from refunds r join charges c on c.id = r.charge join payment_intents i on i.id = r.payment_intent left join customers cu on cu.id = i.customer`
  const chargeColumns = sql`select to_jsonb(c) as charge, to_jsonb(i) as intent, to_jsonb(cu) as customer
    from charges c join payment_intents i on i.id = c.payment_intent left join customers cu on cu.id = c.customer`
  const chargeById = pg.statement<ChargeRow>('find_charge', sql`${chargeColumns} where c.id = ${p('id')}`)
  const eventColumns = sql`select e.*, (select count(*) from deliveries d where d.event = e.id and d.status = 'pending') as pending_webhooks from events e`
  const eventById = pg.statement<StoredEvent>('find_event', sql`${eventColumns} where e.id = ${p('id')}`)
  const sums = pg.statement<{ currency: string; received: number; refunded: number }>(
    'balance',
    sql`select currency, sum(amount_captured)::bigint as received, sum(amount_refunded)::bigint as refunded
      from charges where amount_captured > 0 group by currency order by currency`,
  )

  return {
    /** A page of payments, newest first; only those of a customer when one is named. */
    listPayments: payments,
    /** A page of the payments whose metadata hold these keys and values, newest first. */
    searchPayments: (page: PageOf, metadata: Record<string, string>): Promise<Payment[]> =>
      paymentsByMetadata({ ...bounds(page), metadata: JSON.stringify(metadata) }),
    /** A page of refunds, newest first; only those of a `charge` or an `intent` when one is named. */
    listRefunds: list<RefundRow>('refunds', refundColumns, 'r', { charge: equals('r.charge'), intent: equals('r.payment_intent') }),
    /** A page of charges, newest first; only those of an `intent` or a `customer` when one is named. */
    listCharges: list<ChargeRow>('charges', chargeColumns, 'c', {
      intent: equals('c.payment_intent'),
      customer: equals('c.customer'),
    }),
    /** A page of customers that are not deleted, newest first; only those with an `email` when one is given. */
    listCustomers: list<Customer>('customers', sql`select c.* from customers c`, 'c', {
      email: sql`not c.deleted and c.email = ${p('of')}::text`,
      '': sql`not c.deleted`,
    }),
    /** A page of saved cards, newest first; only those of a `customer` when one is named. */
    listMethods: list<SavedMethod>('methods', sql`select m.* from payment_methods m`, 'm', { customer: equals('m.customer') }),
    /** A page of webhook endpoints, newest first. */
    listEndpoints: list<WebhookEndpoint>('endpoints', sql`select w.* from webhook_endpoints w`, 'w'),
    /** A page of events, newest first; only those of some `types` (a JSON list) when they are named. */
    listEvents: list<StoredEvent>('events', eventColumns, 'e', {
      types: sql`e.type in (select jsonb_array_elements_text(${p('of')}::jsonb))`,
    }),
    /** The charge with this id, and what it is of. */
    findCharge: async (id: string): Promise<ChargeRow | null> => (await chargeById({ id }))[0] ?? null,
    /** The event with this id. */
    findEvent: async (id: string): Promise<StoredEvent | null> => (await eventById({ id }))[0] ?? null,
    /** What was received and given back in each currency, in minor units. */
    sumUp: () => sums(),
  }
}
