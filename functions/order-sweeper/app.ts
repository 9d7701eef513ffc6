import { createApp } from '#shared/http/create-app.ts'
import type { HttpClient } from '#shared/http/http-client.ts'
import type { Log } from '#shared/log/log.ts'
import { sweepOrders } from './routes.ts'
import type { OrderSweeperStore } from './store.ts'
import { sweep } from './sweep.ts'

export type Deps = {
  readonly store: OrderSweeperStore
  readonly orders: Pick<HttpClient, 'post'>
  readonly gateway: Pick<HttpClient, 'post'>
  readonly log: Log
  /** Ends a sweep early: the orders it leaves are due again at the next one. */
  readonly stopping: AbortSignal
}

const LIMIT = 100
const BUDGET_MS = 30_000
/** `orders` may call several neighbours for one order, each perhaps starting from zero. */
const SETTLE_TIMEOUT_MS = 15_000
/** Endpoints that do not answer hold up a delivery. */
const DELIVER_TIMEOUT_MS = 30_000

/** Has due orders settled by `orders`, and due webhooks delivered by the payment gateway, when it is called. */
export function orderSweeperApp({ store, orders, gateway, log, stopping }: Deps) {
  const app = createApp({ name: 'order-sweeper', log })

  app.openapi(sweepOrders, async (c) => {
    const ids = await store.findDue(LIMIT)
    const enough = AbortSignal.any([stopping, AbortSignal.timeout(BUDGET_MS)])
    const settle = (id: string) =>
      orders.post(`/internal/orders/${id}/settle`, undefined, { timeoutMs: SETTLE_TIMEOUT_MS, signal: stopping })
    const [swept, webhooks] = await Promise.all([sweep(ids, settle, { log: c.var.log, enough }), deliver(c.var.log)])
    return c.json({ ...swept, webhooks }, 200)
  })

  /** How many webhooks were sent; that the gateway is away is no reason to leave orders alone. */
  async function deliver(requestLog: Log): Promise<number> {
    try {
      const { status, body } = await gateway.post('/internal/deliver', undefined, { timeoutMs: DELIVER_TIMEOUT_MS, signal: stopping })
      if (status === 200) return (body as { attempts: number }).attempts
      requestLog.error({ status }, 'the payment gateway refused to deliver webhooks')
    } catch (err) {
      // This function is stopping and cut the call; the gateway goes on with it all the same.
      if (!stopping.aborted) requestLog.error({ err }, 'the payment gateway could not be told to deliver webhooks')
    }
    return 0
  }

  return app
}
