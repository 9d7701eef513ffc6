import { sql } from 'drizzle-orm'
import {
  bigint,
  char,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'

export const orderStatus = pgEnum('order_status', ['pending', 'requires_action', 'paid', 'rejected', 'cancelled'])
export const orderGoal = pgEnum('order_goal', ['paid', 'rejected', 'cancelled'])

export type Item = { sku: string; quantity: number }
export type Address = { name: string; line1: string; line2?: string | undefined; city: string; postalCode: string; country: string }
/** Why an order was not paid: a stable code, a sentence, and what else the caller is told. */
export type Failure = { code: string; detail: string; extensions?: Record<string, unknown> }
/** A line as it was sold; amounts in minor units, `taxRate` in hundredths of a percent. */
export type Line = {
  sku: string
  title: string
  quantity: number
  unitPrice: number
  subtotal: number
  taxRate: number
  tax: number
  total: number
}

const time = (name: string) => timestamp(name, { withTimezone: true })

export const orders = pgTable(
  'orders',
  {
    id: uuid().primaryKey(),
    accountId: uuid('account_id').notNull(),
    status: orderStatus().notNull().default('pending'),
    /** Where `settle` brings the order; committed before anything is done towards it. */
    goal: orderGoal().notNull().default('paid'),
    /** Raised by every write; the version a runner took its lease with guards all its writes. */
    version: integer().notNull().default(1),
    leaseUntil: time('lease_until').notNull(),
    /** When the order wants to be settled again; null when nothing is open. */
    dueAt: time('due_at'),
    idempotencyScope: text('idempotency_scope').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    fingerprint: text().notNull(),
    items: jsonb().$type<Item[]>().notNull(),
    shippingAddress: jsonb('shipping_address').$type<Address>().notNull(),
    paymentMethod: text('payment_method').notNull(),
    currency: char({ length: 3 }).notNull(),
    /** What the customer expects to pay, in minor units. */
    expectedTotal: bigint('expected_total', { mode: 'number' }),
    /** Counts the authorisations tried under keys of their own, because an answer of the gateway was lost for good. */
    attempt: integer().notNull().default(1),
    paymentIntentId: text('payment_intent_id'),
    failure: jsonb().$type<Failure>(),
    lines: jsonb().$type<Line[]>().notNull().default([]),
    subtotal: bigint({ mode: 'number' }).notNull().default(0),
    tax: bigint({ mode: 'number' }).notNull().default(0),
    total: bigint({ mode: 'number' }).notNull().default(0),
    captured: bigint({ mode: 'number' }).notNull().default(0),
    refunded: bigint({ mode: 'number' }).notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('orders_idempotency_idx').on(t.idempotencyScope, t.idempotencyKey),
    index('orders_account_idx').on(t.accountId, t.id.desc()),
    index('orders_due_idx').on(t.dueAt).where(sql`due_at is not null`),
    // What the books sum up, so that monitoring reads no order for it.
    index('orders_books_idx').on(t.currency, t.captured, t.refunded).where(sql`captured > 0`),
    check('orders_goal_paid', sql`${t.status} <> 'paid' or ${t.goal} = 'paid'`),
    check(
      'orders_paid_is_captured',
      sql`${t.status} <> 'paid' or (${t.captured} = ${t.total} and ${t.paymentIntentId} is not null and jsonb_array_length(${t.lines}) > 0)`,
    ),
    check('orders_failed_has_reason', sql`(${t.goal} = 'paid') = (${t.failure} is null)`),
    check('orders_failed_keeps_no_money', sql`${t.status} not in ('rejected', 'cancelled') or ${t.captured} = ${t.refunded}`),
    check('orders_final_is_not_due', sql`${t.status} in ('pending', 'requires_action') or ${t.dueAt} is null`),
    check('orders_open_is_due', sql`${t.status} not in ('pending', 'requires_action') or ${t.dueAt} is not null`),
    check('orders_refunded', sql`${t.refunded} between 0 and ${t.captured}`),
    check('orders_total', sql`${t.total} = ${t.subtotal} + ${t.tax}`),
  ],
)

/** What happened to an order, one row per change; `version` is the order's version after it. */
export const orderEvents = pgTable(
  'order_events',
  {
    orderId: uuid('order_id')
      .notNull()
      .references(() => orders.id),
    version: integer().notNull(),
    type: text().notNull(),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.orderId, t.version] })],
)
