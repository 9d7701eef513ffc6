import { and, asc, lt, lte, sql } from 'drizzle-orm'
import { orders } from '#db/orders/schema.ts'
import type { Pg } from '#shared/pg/pg.ts'

export type OrderSweeperStore = ReturnType<typeof orderSweeperStore>

/** Finds orders to settle, by the clock of the database. */
export function orderSweeperStore(pg: Pg) {
  const due = pg.prepared('order-sweeper.due', (db) =>
    db
      .select({ id: orders.id })
      .from(orders)
      .where(and(lte(orders.dueAt, sql`now()`), lt(orders.leaseUntil, sql`now()`)))
      .orderBy(asc(orders.dueAt))
      .limit(sql.placeholder('limit')),
  )
  return {
    /** Ids of up to `limit` orders that are due and that no runner holds, the longest due first. */
    findDue: async (limit: number): Promise<string[]> => (await due({ limit })).map(({ id }) => id),
  }
}
