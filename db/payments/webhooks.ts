import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, json, jsonb, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'

export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: text().primaryKey(),
    created: bigint({ mode: 'number' }).notNull(),
    version: integer().notNull(),
    url: text().notNull(),
    secret: text().notNull(),
    status: text().notNull(),
    /** Names of events; `*` is all of them. */
    enabledEvents: jsonb('enabled_events').notNull(),
    description: text(),
    apiVersion: text('api_version'),
    metadata: jsonb().notNull(),
  },
  (t) => [check('webhook_endpoints_status_known', sql`${t.status} in ('enabled', 'disabled')`)],
)

/** What happened, as it was then; committed with the change it tells of. */
export const events = pgTable(
  'events',
  {
    id: text().primaryKey(),
    created: bigint({ mode: 'number' }).notNull(),
    type: text().notNull(),
    /** The object after the change, and what of it was different before. */
    data: json().notNull(),
    requestId: text('request_id'),
    idempotencyKey: text('idempotency_key'),
  },
  (t) => [index('events_created_idx').on(t.created, t.id), index('events_type_idx').on(t.type, t.created, t.id)],
)

/** One event on its way to one endpoint. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    event: text()
      .notNull()
      .references(() => events.id),
    endpoint: text()
      .notNull()
      .references(() => webhookEndpoints.id, { onDelete: 'cascade' }),
    status: text().notNull().default('pending'),
    attempts: integer().notNull().default(0),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    /** When it is attempted next. While an attempt is under way: when somebody else may take it to be lost. */
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    lastFailure: text('last_failure'),
  },
  (t) => [
    index('deliveries_due_idx').on(t.dueAt, t.id).where(sql`status = 'pending'`),
    index('deliveries_event_idx').on(t.event),
    index('deliveries_endpoint_idx').on(t.endpoint),
    check('deliveries_status_known', sql`${t.status} in ('pending', 'delivered', 'failed', 'dropped')`),
  ],
)

/** How tests steer the gateway; its one row is there only once one has. */
export const controls = pgTable(
  'controls',
  {
    id: smallint().primaryKey().default(1),
    /** The gateway's clock runs this far ahead of the real one. */
    clockOffsetMs: bigint('clock_offset_ms', { mode: 'number' }).notNull().default(0),
    latencyBeforeMs: integer('latency_before_ms').notNull().default(0),
    latencyAfterMs: integer('latency_after_ms').notNull().default(0),
    hold: boolean().notNull().default(false),
    reorder: boolean().notNull().default(false),
    delayMs: integer('delay_ms').notNull().default(0),
    dropNext: integer('drop_next').notNull().default(0),
    duplicateNext: integer('duplicate_next').notNull().default(0),
  },
  (t) => [
    check('controls_one_row', sql`${t.id} = 1`),
    check('controls_counts_not_negative', sql`${t.dropNext} >= 0 and ${t.duplicateNext} >= 0`),
  ],
)

/** Failures ordered by a test: the next `remaining` requests of `operation` (any, when null) answer `status`. */
export const faults = pgTable(
  'faults',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    operation: text(),
    status: smallint().notNull(),
    /** Whether the request takes effect although its answer is the failure. */
    effect: boolean().notNull(),
    remaining: integer().notNull(),
  },
  (t) => [
    check('faults_remaining_not_negative', sql`${t.remaining} >= 0`),
    check('faults_status_is_failure', sql`${t.status} between 500 and 599`),
  ],
)
