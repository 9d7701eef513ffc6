import { sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'

/** A failure that a test orders for the next `count` requests of an operation (any, when `null`). */
export type Fault = { readonly operation: string | null; readonly status: number; readonly effect: boolean; readonly count: number }

/** How a test steers the gateway. */
export type Control = {
  /** The gateway's clock runs this far ahead of the real one. */
  readonly clock_offset_ms: number
  /** How long POSTs wait before they take effect, and before they answer. */
  readonly latency_before_ms: number
  readonly latency_after_ms: number
  /** Keeps webhooks back. */
  readonly hold: boolean
  /** Delivers the newest webhook first. */
  readonly reorder: boolean
  /** How old a webhook must be to be delivered. */
  readonly delay_ms: number
  /** How many of the next webhooks get lost, and come twice. */
  readonly drop_next: number
  readonly duplicate_next: number
}

/** Nothing is steered. */
export const untouched: Control = {
  clock_offset_ms: 0,
  latency_before_ms: 0,
  latency_after_ms: 0,
  hold: false,
  reorder: false,
  delay_ms: 0,
  drop_next: 0,
  duplicate_next: 0,
}

const p = sql.placeholder

/** Keeps what tests order. */
export function controlStore(pg: Pg) {
  const addFault = pg.statement(
    'order_fault',
    sql`insert into faults (operation, status, effect, remaining)
      values (${p('operation')}, ${p('status')}::smallint, ${p('effect')}::boolean, ${p('count')}::integer)`,
  )
  const read = pg.statement<{ control: Control }>('read_control', sql`select to_jsonb(c) - 'id' as control from controls c`)
  const ensure = pg.statement('ensure_control', sql`insert into controls default values on conflict (id) do nothing`)
  const write = pg.statement(
    'write_control',
    sql`update controls c set clock_offset_ms = n.clock_offset_ms, latency_before_ms = n.latency_before_ms, latency_after_ms = n.latency_after_ms,
        hold = n.hold, reorder = n.reorder, delay_ms = n.delay_ms, drop_next = n.drop_next, duplicate_next = n.duplicate_next
      from controls old cross join lateral jsonb_populate_record(old, ${p('change')}::jsonb) n where c.id = old.id`,
  )
  const takeDrop = pg.statement('take_drop', sql`update controls set drop_next = drop_next - 1 where drop_next > 0 returning id`)
  const takeDuplicate = pg.statement(
    'take_duplicate',
    sql`update controls set duplicate_next = duplicate_next - 1 where duplicate_next > 0 returning id`,
  )
  return {
    /** Makes the next requests fail, as tests order it. */
    async orderFault({ operation, status, effect, count }: Fault): Promise<void> {
      await addFault({ operation, status, effect, count })
    },
    /** How tests steer the gateway now. */
    readControl: async (): Promise<Control> => (await read())[0]?.control ?? untouched,
    /** Steers the gateway from now on; what is not named stays. */
    async writeControl(change: { readonly [Name in keyof Control]?: Control[Name] | undefined }): Promise<void> {
      await ensure()
      await write({ change: JSON.stringify(change) })
    },
    /** Whether this webhook is one that a test wants to get lost; asking uses one up. */
    takeDrop: async (): Promise<boolean> => (await takeDrop()).length > 0,
    /** Whether this webhook is one that a test wants to come twice; asking uses one up. */
    takeDuplicate: async (): Promise<boolean> => (await takeDuplicate()).length > 0,
  }
}
