import * as z from 'zod'
import { toOrderView } from '#db/orders/view.ts'
import type { Jwks } from '#shared/auth/jwks.ts'
import { createApp } from '#shared/http/create-app.ts'
import { isUnmodified, versionTag } from '#shared/http/etag.ts'
import { decodeCursor, toPage } from '#shared/http/page.ts'
import type { Log } from '#shared/log/log.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import { getOrder, listOrders } from './routes.ts'
import type { OrderHistoryStore } from './store.ts'

export type Deps = { readonly store: OrderHistoryStore; readonly log: Log; readonly jwks: Jwks }

/** Answers customers with their own orders; it changes none. */
export function orderHistoryApp({ store, log, jwks }: Deps) {
  const app = createApp({ name: 'order-history', log, jwks })

  app.openapi(listOrders, async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const before = cursor === undefined ? undefined : decodeCursor(z.uuid(), cursor)
    const rows = await store.list({ accountId: c.var.user.id, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, (row) => row.id)
    return c.json({ items: items.map((row) => toOrderView(row)), nextCursor }, 200)
  })

  app.openapi(getOrder, async (c) => {
    const { id } = c.req.valid('param')
    const order = await store.find({ accountId: c.var.user.id, id })
    // Somebody else's order is not found rather than forbidden: that it exists is private too.
    if (!order) throw new Problem(problems.notFound, `No order ${id}`)
    if (isUnmodified(c, versionTag(order.version))) return c.body(null, 304)
    return c.json(toOrderView(order), 200)
  })

  return app
}
