import type { Context } from 'hono'
import { toOrderView } from '#db/orders/view.ts'
import type { Jwks } from '#shared/auth/jwks.ts'
import type { AppEnv } from '#shared/http/app-env.ts'
import { createApp } from '#shared/http/create-app.ts'
import { fingerprint } from '#shared/idempotency/idempotency.ts'
import type { Log } from '#shared/log/log.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import { toProblem } from './failure.ts'
import { isOpen } from './order.ts'
import { placeOrder, settleOrder } from './routes.ts'
import type { Run, Settle, Settled } from './settle.ts'
import type { OrdersStore } from './store.ts'

export type Deps = {
  readonly store: OrdersStore
  readonly settle: Settle
  readonly log: Log
  readonly jwks: Jwks
  readonly newId: () => string
  /** Aborted when the process is told to end. */
  readonly stopping: AbortSignal
}

const CURRENCY = 'EUR'
const BUDGET_SECONDS = 10
const MAX_BUDGET_SECONDS = 25
/** A lease outlives the work done under it. */
const LEASE_MARGIN_SECONDS = 5
/** After SIGTERM an order may still come to its end before its request is answered as it is. */
const STOPPING_MS = 3_000

/** Places orders, and brings them to their goal when asked to. */
export function ordersApp({ store, settle, log, jwks, newId, stopping }: Deps) {
  const app = createApp({ name: 'orders', log, jwks })
  const enoughAfter = (seconds: number) => AbortSignal.any([AbortSignal.timeout(seconds * 1000), later(stopping, STOPPING_MS)])

  app.openapi(placeOrder, async (c) => {
    const { 'idempotency-key': key, prefer } = c.req.valid('header')
    const { items, shippingAddress, paymentMethod, expectedTotal, ...rest } = c.req.valid('json')
    const print = fingerprint({ items, shippingAddress, paymentMethod, expectedTotal, ...rest })
    const accountId = c.var.user.id
    const scope = { accountId, idempotencyScope: `account:${accountId}`, idempotencyKey: key, fingerprint: print }
    const wanted = {
      items,
      shippingAddress,
      paymentMethod,
      currency: expectedTotal?.currency ?? CURRENCY,
      expectedTotal: expectedTotal?.amount ?? null,
    }
    const budget = budgetOf(prefer)
    const { order, placed } = await store.place({ id: newId(), ...scope, ...wanted }, budget + LEASE_MARGIN_SECONDS)
    if (placed) return answer(c, await settle(order, { fresh: true, by: 'request', enough: enoughAfter(budget) }))

    if (order.fingerprint !== print) throw new Problem(problems.idempotencyMismatch)
    c.header('idempotent-replayed', 'true')
    return answer(c, (await resume(order.id, 'request', budget)) ?? { order })
  })

  app.openapi(settleOrder, async (c) => {
    const { id } = c.req.valid('param')
    const known = await store.find(id)
    if (!known) throw new Problem(problems.notFound)
    const { order } = (isOpen(known) ? await resume(id, 'sweep', BUDGET_SECONDS) : undefined) ?? { order: known }
    return c.json({ id, status: order.status }, 200)
  })

  /** Settles an open order whose lease is over; `undefined` for one that is not open. A live lease is a conflict. */
  async function resume(id: string, by: Run['by'], budget: number): Promise<Settled | undefined> {
    const leased = await store.takeLease(id, budget + LEASE_MARGIN_SECONDS)
    if (leased) return settle(leased, { fresh: false, by, enough: enoughAfter(budget) })
    const order = await store.find(id)
    if (!order || isOpen(order)) throw new Problem(problems.conflict, 'The order is being worked on', { headers: { 'retry-after': '1' } })
    return { order }
  }

  return app
}

function answer(c: Context<AppEnv>, { order, clientSecret }: Settled) {
  if (order.failure && !isOpen(order)) throw toProblem(order, order.failure, c.res.headers.get('idempotent-replayed'))
  c.header('location', `/v1/orders/${order.id}`)
  return c.json(toOrderView(order, clientSecret), order.status === 'paid' ? 201 : 202)
}

const budgetOf = (prefer: string | undefined) =>
  prefer === undefined ? BUDGET_SECONDS : Math.min(Math.max(Number(prefer.slice('wait='.length)), 1), MAX_BUDGET_SECONDS)

/** A signal that is aborted some time after another one. */
function later(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController()
  const abort = () => setTimeout(() => controller.abort(signal.reason), ms).unref()
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}
