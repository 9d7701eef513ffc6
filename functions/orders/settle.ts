import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '#shared/log/log.ts'
import { counter } from '#shared/telemetry/metrics.ts'
import { type Reservations, reserve } from './hold.ts'
import { ACTION_WINDOW_SECONDS, type Failure, type Goal, type Order, outOfStock, overdue, type Priced, priceMismatch } from './order.ts'
import { declineOf, holdsMoney, type Intent, type Payments } from './payments.ts'
import type { Changes, LetGo, OrderEvent, OrdersStore } from './store.ts'

const outcomes = ['paid', 'rejected', 'cancelled'] as const
const settled = counter('shop.orders', {
  description: 'Orders that came to their end, by how',
  unit: '{order}',
  zero: outcomes.map((outcome) => ({ outcome })),
})

const runners = ['request', 'sweep'] as const
const settledBy = counter('shop.orders.settled', {
  description: 'Orders that came to their end, by who brought them there',
  unit: '{order}',
  zero: runners.map((by) => ({ by })),
})

export type Neighbours = {
  readonly store: OrdersStore
  readonly reservations: Reservations
  readonly payments: Payments
  readonly log: Log
}

export type Run = {
  /** True when this runner has placed the order itself, so that nobody else can have asked the gateway for money yet. */
  readonly fresh: boolean
  readonly by: (typeof runners)[number]
  /** Aborted when the time for an answer is over: what is open then is left to the next runner. */
  readonly enough: AbortSignal
}

/** An order as far as it was brought; the client secret is there while its customer has to authenticate the payment. */
export type Settled = { readonly order: Order; readonly clientSecret?: string }

export type Settle = (leased: Order, run: Run) => Promise<Settled>

/** An order that is still open when the time is over is due again after this long. */
const AGAIN_IN_SECONDS = 5

/** Thrown by a fenced write that hit no row: another runner has the order now. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/**
 * Brings an order, whose lease the caller has, to its goal: the one way there is, for a new order, a repeated request and
 * a sweep alike. Nothing is checkpointed between the steps, because every neighbour is idempotent by the order's id:
 * running it again is the recovery. A runner that has lost its lease writes nothing more and undoes nothing.
 */
export function settler({ store, reservations, payments, log }: Neighbours): Settle {
  return async (leased, { fresh, by, enough }) => {
    let order = leased
    // Money may be under way under this order's key as soon as anybody may have asked for it.
    let asked = !fresh
    let over = false

    async function save(changes: Changes, event?: OrderEvent, letGo?: LetGo): Promise<Order> {
      if (over) throw new LeaseLost()
      const saved = await store.save(order, changes, event, letGo)
      if (!saved) throw new LeaseLost()
      order = saved
      return saved
    }

    function count(outcome: (typeof outcomes)[number]) {
      settled.add(1, { outcome })
      settledBy.add(1, { by })
    }

    /** A change of goal is committed before anything is undone. */
    async function giveUp(goal: Exclude<Goal, 'paid'>, failure: Failure): Promise<Settled> {
      await save({ goal, failure }, { type: 'order.giving_up', data: { goal, code: failure.code } })
      return undo()
    }

    async function pay(): Promise<Settled> {
      const late = overdue(order)
      const known = late || order.paymentIntentId !== null ? await payments.find(order) : undefined
      if (late && !(known && holdsMoney(known))) return giveUp('cancelled', late)

      const reserved = await reserve(reservations, order)
      if ('failure' in reserved) return giveUp('rejected', reserved.failure)
      const mismatch = priceMismatch(order, reserved)
      if (mismatch) return giveUp('rejected', mismatch)

      if (known) return follow(known, reserved)
      asked = true
      const authorised = await payments.authorise(order, reserved.total)
      if ('refused' in authorised) return giveUp('rejected', authorised.refused)
      if ('lost' in authorised) {
        await save({ attempt: order.attempt + 1 }, { type: 'order.authorisation_lost', data: { attempt: order.attempt } })
        return pay()
      }
      return follow(authorised.intent, reserved)
    }

    async function follow(intent: Intent, priced: Priced): Promise<Settled> {
      switch (intent.status) {
        case 'requires_action':
          return askCustomer(intent, priced)
        case 'requires_capture':
        case 'succeeded':
          return take(intent, priced)
        case 'requires_payment_method':
        case 'requires_confirmation':
          return giveUp('rejected', declineOf(intent))
        case 'canceled':
          return giveUp('cancelled', { code: 'payment_canceled', detail: 'The payment was cancelled' })
        case 'processing':
          return { order: await save({}, undefined, { dueInSeconds: AGAIN_IN_SECONDS }) }
        default:
          throw new Error(`order ${order.id}: payment intent in status ${intent.status}`)
      }
    }

    async function askCustomer(intent: Intent, { lines, subtotal, tax, total }: Priced): Promise<Settled> {
      const changes: Changes = { status: 'requires_action', paymentIntentId: intent.id, lines, subtotal, tax, total }
      const event = order.status === 'requires_action' ? undefined : { type: 'order.requires_action' }
      const asking = await save(changes, event, { dueInSeconds: Math.max(0, ACTION_WINDOW_SECONDS - order.ageSeconds) })
      return { order: asking, ...(intent.client_secret === null ? {} : { clientSecret: intent.client_secret }) }
    }

    async function take(intent: Intent, priced: Priced): Promise<Settled> {
      const { result } = await reservations.commit({ orderId: order.id })
      if (result.case === 'shortage') return giveUp('rejected', outOfStock(result.value.skus))
      if (result.case !== 'hold') throw new Error(`order ${order.id}: commit was refused`)

      const captured = intent.status === 'succeeded' ? intent : await payments.capture(order, intent.id)
      if (captured.status !== 'succeeded') return follow(captured, priced)
      const { lines, subtotal, tax, total } = priced
      const paid = await save(
        { status: 'paid', paymentIntentId: captured.id, lines, subtotal, tax, total, captured: captured.amount_received },
        { type: 'order.paid', data: { paymentIntentId: captured.id, total, currency: order.currency } },
        { dueInSeconds: null },
      )
      count('paid')
      return { order: paid }
    }

    /** Gives the money back first, and the stock only when none can be taken any more. */
    async function undo(): Promise<Settled> {
      const intent = asked ? await payments.claim(order) : undefined
      const closed = intent && (await close(intent))
      await reservations.release({ orderId: order.id })
      const received = closed?.amount_received ?? 0
      const status = order.goal === 'cancelled' ? 'cancelled' : 'rejected'
      const given = await save(
        { status, captured: received, refunded: received, ...(closed ? { paymentIntentId: closed.id } : {}) },
        { type: `order.${status}`, data: { code: order.failure?.code } },
        { dueInSeconds: null },
      )
      count(status)
      return { order: given }
    }

    async function close(intent: Intent): Promise<Intent> {
      if (intent.status === 'canceled') return intent
      const ended = intent.status === 'succeeded' ? intent : await payments.cancel(order, intent.id)
      if (ended.status === 'canceled') return ended
      // The capture won: what it took goes back.
      if (ended.status === 'succeeded' && (await payments.refund(order, ended.id))) return ended
      throw new Error(`order ${order.id}: payment intent ${ended.id} stays ${ended.status}`)
    }

    /** Tries until it is done; what fails for now is tried again. */
    async function untilDone(): Promise<Settled> {
      for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
        try {
          return await (order.goal === 'paid' ? pay() : undo())
        } catch (error) {
          if (over || enough.aborted || error instanceof LeaseLost) throw error
          log.warn({ err: error, orderId: order.id, goal: order.goal }, 'order could not be settled yet')
          await wait(pauseMs, undefined, { signal: enough }).catch(() => {
            throw error
          })
        }
      }
    }

    try {
      const done = untilDone()
      done.catch(() => {})
      const answer = await Promise.race([done, aborted(enough)])
      if (answer !== 'enough') return answer
      log.warn({ orderId: order.id, goal: order.goal }, 'the time for an answer is over, and the order is still open')
      return { order: await save({}, undefined, { dueInSeconds: AGAIN_IN_SECONDS }) }
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error
      log.info({ orderId: order.id }, 'another runner has the order')
      return { order: (await store.find(order.id)) ?? order }
    } finally {
      // A step may still be under way: whatever comes of it, the next runner finds it, and this one writes nothing more.
      over = true
    }
  }
}

const aborted = (signal: AbortSignal): Promise<'enough'> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve('enough')
    else signal.addEventListener('abort', () => resolve('enough'), { once: true })
  })
