import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, jsonb, pgTable, smallint, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'

export * from './webhooks.ts'

// Columns bear the names of the fields of Stripe's API, amounts are in minor units and `created` is in Unix seconds,
// as there. Ids begin with the time they were made, so that `(created, id)` is the order of creation.

export const paymentIntents = pgTable(
  'payment_intents',
  {
    id: text().primaryKey(),
    created: bigint({ mode: 'number' }).notNull(),
    version: integer().notNull(),
    status: text().notNull(),
    amount: integer().notNull(),
    amountCapturable: integer('amount_capturable').notNull(),
    amountReceived: integer('amount_received').notNull(),
    currency: text().notNull(),
    captureMethod: text('capture_method').notNull(),
    customer: text().references(() => customers.id),
    paymentMethod: text('payment_method'),
    latestCharge: text('latest_charge'),
    clientSecret: text('client_secret').notNull(),
    cancellationReason: text('cancellation_reason'),
    canceledAt: bigint('canceled_at', { mode: 'number' }),
    lastPaymentError: jsonb('last_payment_error'),
    nextAction: jsonb('next_action'),
    metadata: jsonb().notNull(),
    /** What the caller gave and gets back unchanged: description, shipping, receipt e-mail and the like. */
    details: jsonb().notNull(),
  },
  (t) => [
    index('payment_intents_created_idx').on(t.created, t.id),
    index('payment_intents_customer_idx').on(t.customer, t.created, t.id).where(sql`customer is not null`),
    // Authorisations run out, so the oldest are looked for.
    index('payment_intents_authorised_idx').on(t.latestCharge).where(sql`status = 'requires_capture'`),
    index('payment_intents_metadata_idx').using('gin', t.metadata.op('jsonb_path_ops')).with({ fastupdate: false }),
    check(
      'payment_intents_status_known',
      sql`${t.status} in ('requires_payment_method', 'requires_confirmation', 'requires_action', 'requires_capture', 'succeeded', 'canceled')`,
    ),
    check('payment_intents_capture_method_known', sql`${t.captureMethod} in ('automatic', 'automatic_async', 'manual')`),
    check('payment_intents_amount_positive', sql`${t.amount} > 0`),
    check(
      'payment_intents_amounts_within',
      sql`${t.amountCapturable} between 0 and ${t.amount} and ${t.amountReceived} between 0 and ${t.amount}`,
    ),
    check('payment_intents_capturable_while_authorised', sql`(${t.status} = 'requires_capture') = (${t.amountCapturable} > 0)`),
    check('payment_intents_received_when_succeeded', sql`(${t.status} = 'succeeded') = (${t.amountReceived} > 0)`),
    check('payment_intents_charged', sql`${t.status} not in ('requires_capture', 'succeeded') or ${t.latestCharge} is not null`),
    check('payment_intents_canceled_has_time', sql`(${t.status} = 'canceled') = (${t.canceledAt} is not null)`),
    check('payment_intents_action_is_named', sql`(${t.status} = 'requires_action') = (${t.nextAction} is not null)`),
  ],
)

export const charges = pgTable(
  'charges',
  {
    id: text().primaryKey(),
    paymentIntent: text('payment_intent')
      .notNull()
      .references(() => paymentIntents.id),
    created: bigint({ mode: 'number' }).notNull(),
    status: text().notNull(),
    amount: integer().notNull(),
    amountCaptured: integer('amount_captured').notNull(),
    amountRefunded: integer('amount_refunded').notNull(),
    currency: text().notNull(),
    customer: text(),
    /** The authorisation was given up before it was captured. */
    released: boolean().notNull(),
    paymentMethod: text('payment_method').notNull(),
    failure: jsonb(),
    metadata: jsonb().notNull(),
  },
  (t) => [
    // Whatever else goes wrong, nobody is charged twice for one intent.
    uniqueIndex('charges_one_success_per_intent').on(t.paymentIntent).where(sql`${t.status} = 'succeeded'`),
    index('charges_created_idx').on(t.created, t.id),
    index('charges_payment_intent_idx').on(t.paymentIntent, t.created, t.id),
    // What the books sum up, so that monitoring reads no charge for it.
    index('charges_books_idx').on(t.currency, t.amountCaptured, t.amountRefunded).where(sql`amount_captured > 0`),
    check('charges_status_known', sql`${t.status} in ('succeeded', 'failed')`),
    check('charges_amount_positive', sql`${t.amount} > 0`),
    check('charges_captured_within', sql`${t.amountCaptured} between 0 and ${t.amount}`),
    check('charges_refunded_within', sql`${t.amountRefunded} between 0 and ${t.amountCaptured}`),
    check('charges_only_success_is_captured', sql`${t.amountCaptured} = 0 or (${t.status} = 'succeeded' and not ${t.released})`),
    check('charges_failure_has_reason', sql`(${t.status} = 'failed') = (${t.failure} is not null)`),
  ],
)

export const refunds = pgTable(
  'refunds',
  {
    id: text().primaryKey(),
    charge: text()
      .notNull()
      .references(() => charges.id),
    paymentIntent: text('payment_intent').notNull(),
    created: bigint({ mode: 'number' }).notNull(),
    status: text().notNull(),
    amount: integer().notNull(),
    currency: text().notNull(),
    reason: text(),
    failureReason: text('failure_reason'),
    /** When the bank says what becomes of it, in Unix seconds; null once it has. */
    settlesAt: bigint('settles_at', { mode: 'number' }),
    metadata: jsonb().notNull(),
  },
  (t) => [
    index('refunds_settling_idx').on(t.settlesAt).where(sql`settles_at is not null`),
    index('refunds_created_idx').on(t.created, t.id),
    index('refunds_charge_idx').on(t.charge, t.created, t.id),
    index('refunds_payment_intent_idx').on(t.paymentIntent, t.created, t.id),
    check('refunds_status_known', sql`${t.status} in ('pending', 'succeeded', 'failed', 'canceled')`),
    check('refunds_failed_has_reason', sql`(${t.status} = 'failed') = (${t.failureReason} is not null)`),
    check('refunds_amount_positive', sql`${t.amount} > 0`),
  ],
)

export const customers = pgTable(
  'customers',
  {
    id: text().primaryKey(),
    created: bigint({ mode: 'number' }).notNull(),
    version: integer().notNull(),
    deleted: boolean().notNull(),
    email: text(),
    metadata: jsonb().notNull(),
    /** What the caller gave and gets back unchanged: name, phone, description and the like. */
    details: jsonb().notNull(),
  },
  (t) => [
    index('customers_created_idx').on(t.created, t.id).where(sql`not deleted`),
    index('customers_email_idx').on(t.email, t.created, t.id).where(sql`not deleted`),
  ],
)

/** Cards that callers saved; which test card it is follows from the id. */
export const paymentMethods = pgTable(
  'payment_methods',
  {
    id: text().primaryKey(),
    created: bigint({ mode: 'number' }).notNull(),
    version: integer().notNull(),
    customer: text().references(() => customers.id),
    metadata: jsonb().notNull(),
    details: jsonb().notNull(),
  },
  (t) => [
    index('payment_methods_created_idx').on(t.created, t.id),
    index('payment_methods_customer_idx').on(t.customer, t.created, t.id).where(sql`customer is not null`),
  ],
)

/** The first answer to each key, committed with its effect. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    key: text().primaryKey(),
    /** SHA-256 of method, path and parameters. */
    fingerprint: text().notNull(),
    requestId: text('request_id').notNull(),
    status: smallint().notNull(),
    body: text().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('idempotency_keys_created_at_idx').on(t.createdAt)],
)
