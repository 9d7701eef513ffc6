import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { orders } from '#db/orders/schema.ts'
import type { OrderRow } from '#db/orders/view.ts'
import type { Pg } from '#shared/pg/pg.ts'

export type OrderHistoryStore = ReturnType<typeof orderHistoryStore>

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

const columns = {
  id: orders.id,
  status: orders.status,
  items: orders.items,
  lines: orders.lines,
  currency: orders.currency,
  subtotal: orders.subtotal,
  tax: orders.tax,
  total: orders.total,
  shippingAddress: orders.shippingAddress,
  paymentIntentId: orders.paymentIntentId,
  captured: orders.captured,
  refunded: orders.refunded,
  failure: orders.failure,
  createdAt: orders.createdAt,
  updatedAt: orders.updatedAt,
}

/** Reads orders of one account only; nobody else's are ever selected. */
export function orderHistoryStore(pg: Pg) {
  const ofAccount = eq(orders.accountId, sql.placeholder('accountId'))
  const page = pg.prepared('order-history.list', (db) =>
    db
      .select(columns)
      .from(orders)
      .where(and(ofAccount, lt(orders.id, sql.placeholder('before'))))
      .orderBy(desc(orders.id))
      .limit(sql.placeholder('limit')),
  )
  const one = pg.prepared('order-history.get', (db) =>
    db
      .select({ ...columns, version: orders.version })
      .from(orders)
      .where(and(eq(orders.id, sql.placeholder('id')), ofAccount)),
  )
  return {
    /** Up to `limit` orders that are older than `before`, the newest first: ids grow with time. */
    list: (query: { accountId: string; before?: string | undefined; limit: number }): Promise<OrderRow[]> =>
      page({ ...query, before: query.before ?? LAST_ID }),
    find: async (query: { accountId: string; id: string }): Promise<(OrderRow & { version: number }) | undefined> => (await one(query))[0],
  }
}
