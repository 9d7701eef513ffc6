import { createApp } from '#shared/http/create-app.ts'
import type { HttpClient } from '#shared/http/http-client.ts'
import type { Log } from '#shared/log/log.ts'
import { sweepOrders } from './routes.ts'
import type { OrderSweeperStore } from './store.ts'
import { sweep } from './sweep.ts'

export type Deps = {
  readonly store: OrderSweeperStore
  readonly orders: Pick<HttpClient, 'post'>
  readonly log: Log
  /** Ends a sweep early: the orders it leaves are due again at the next one. */
  readonly stopping: AbortSignal
}

const LIMIT = 100
const BUDGET_MS = 30_000
/** `orders` may call several neighbours for one order, each perhaps starting from zero. */
const SETTLE_TIMEOUT_MS = 15_000

/** Has due orders settled by `orders` when it is called. */
export function orderSweeperApp({ store, orders, log, stopping }: Deps) {
  const app = createApp({ name: 'order-sweeper', log })

  app.openapi(sweepOrders, async (c) => {
    const ids = await store.findDue(LIMIT)
    const enough = AbortSignal.any([stopping, AbortSignal.timeout(BUDGET_MS)])
    const settle = (id: string) =>
      orders.post(`/internal/orders/${id}/settle`, undefined, { timeoutMs: SETTLE_TIMEOUT_MS, signal: stopping })
    return c.json(await sweep(ids, settle, { log: c.var.log, enough }), 200)
  })

  return app
}
