import { sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'
import type { StoredEvent } from './event.ts'

/** An event that is to be sent to an endpoint now. `attempts` counts this one. */
export type Delivery = {
  readonly id: number
  readonly attempts: number
  readonly url: string
  readonly secret: string
  readonly event: StoredEvent
}

/** What became of an attempt: `again` waits for `dueAt`. */
export type Attempted = {
  readonly status: 'delivered' | 'failed' | 'dropped' | 'pending'
  readonly dueAt: Date
  readonly failure: string | null
}

const p = sql.placeholder
/** An attempt takes less; whoever holds a delivery for longer is dead. */
const LEASE_SECONDS = 30

/** Keeps events on their way to endpoints, and finds what is due by the gateway's clock. */
export function deliveryStore(pg: Pg) {
  const claim = pg.statement<Delivery>(
    'claim_deliveries',
    sql`with due as (
        select id from deliveries
        where status = 'pending' and due_at <= ${p('at')}::timestamptz and created_at <= ${p('madeBefore')}::timestamptz
        order by due_at, id limit ${p('limit')}::integer for update skip locked
      ), claimed as (
        update deliveries d set attempts = d.attempts + 1, due_at = ${p('at')}::timestamptz + make_interval(secs => ${LEASE_SECONDS}::float8)
        from due where d.id = due.id returning d.id, d.attempts, d.event, d.endpoint
      )
      select c.id, c.attempts, w.url, w.secret, json_build_object('id', e.id, 'created', e.created, 'type', e.type, 'data', e.data,
        'request_id', e.request_id, 'idempotency_key', e.idempotency_key,
        'pending_webhooks', (select count(*) from deliveries o where o.event = e.id and o.status = 'pending')) as event
      from claimed c join events e on e.id = c.event join webhook_endpoints w on w.id = c.endpoint
      order by c.id`,
  )
  const settle = pg.statement(
    'settle_delivery',
    sql`update deliveries set status = ${p('status')}, due_at = ${p('dueAt')}::timestamptz, last_failure = ${p('failure')}
      where id = ${p('id')}::bigint and attempts = ${p('attempts')}::integer and status = 'pending'`,
  )
  const next = pg.statement<{ due: string | null }>(
    'next_delivery',
    sql`select min(due_at)::text as due from (
      select greatest(due_at, created_at + make_interval(secs => ${p('delay')}::float8)) as due_at from deliveries where status = 'pending'
      order by deliveries.due_at limit 1) soonest`,
  )
  const again = pg.statement<{ id: number }>(
    'redeliver_event',
    sql`insert into deliveries (event, endpoint, created_at, due_at)
      select e.id, w.id, ${p('at')}::timestamptz, ${p('at')}::timestamptz from events e join webhook_endpoints w
        on w.status = 'enabled' and (w.id = ${p('endpoint')}::text or (${p('endpoint')}::text is null
          and (w.enabled_events @> '"*"'::jsonb or w.enabled_events @> to_jsonb(e.type))))
      where e.id = ${p('event')} returning id`,
  )
  const settling = pg.statement<{ id: string }>(
    'due_refunds',
    sql`select id from refunds where settles_at <= ${p('seconds')}::bigint order by settles_at limit 100`,
  )
  const expiring = pg.statement<{ id: string }>(
    'expiring_intents',
    sql`select i.id from payment_intents i join charges c on c.id = i.latest_charge
      where i.status = 'requires_capture' and c.created <= ${p('seconds')}::bigint limit 100`,
  )
  const prune = pg.statement(
    'prune_keys',
    sql`delete from idempotency_keys where key in (
      select key from idempotency_keys where created_at <= now() - interval '24 hours' order by created_at limit 1000 for update skip locked)`,
  )

  return {
    /** Takes up to `limit` deliveries that are due and at least `delayMs` old; nobody else gets them until their lease is over. */
    claimDeliveries: (at: Date, limit: number, delayMs: number): Promise<Delivery[]> =>
      claim({ at: at.toISOString(), limit, madeBefore: new Date(at.getTime() - delayMs).toISOString() }),
    /** Notes what became of an attempt, unless the delivery was taken over since. */
    async settleDelivery({ id, attempts }: Delivery, { status, dueAt, failure }: Attempted): Promise<void> {
      await settle({ id, attempts, status, dueAt: dueAt.toISOString(), failure })
    },
    /** When the next delivery is due; `null` when none waits. */
    async nextDelivery(delayMs: number): Promise<Date | null> {
      const [row] = await next({ delay: delayMs / 1000 })
      return row?.due ? new Date(row.due) : null
    },
    /** Sends an event once more, to one endpoint or to all that want it; how many those are. */
    redeliver: async (event: string, endpoint: string | null, at: Date): Promise<number> =>
      (await again({ event, endpoint, at: at.toISOString() })).length,
    /** Refunds whose bank is about to say what becomes of them at `seconds`. */
    findSettlingRefunds: async (seconds: number): Promise<string[]> => (await settling({ seconds })).map(({ id }) => id),
    /** Intents that were authorised before `seconds` and never captured. */
    findExpiring: async (seconds: number): Promise<string[]> => (await expiring({ seconds })).map(({ id }) => id),
    /** Deletes answers to keys that are forgotten. */
    async pruneKeys(): Promise<void> {
      await prune()
    },
  }
}
