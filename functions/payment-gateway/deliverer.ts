import type { Log } from '#shared/log/log.ts'
import { counter } from '#shared/telemetry/metrics.ts'
import { eventView } from './event.ts'
import { clockOf, type Gateway, readControl } from './exchange.ts'
import type { Control } from './store-control.ts'
import type { Attempted, Delivery } from './store-deliveries.ts'
import { signatureOf } from './webhook-signature.ts'

const outcomes = ['delivered', 'again', 'failed', 'dropped'] as const
const deliveries = counter('shop.gateway.deliveries', {
  description: 'Attempts to deliver a webhook by what became of them',
  unit: '{attempt}',
  zero: outcomes.map((outcome) => ({ outcome })),
})

/** An endpoint that takes longer has not heard. */
const TIMEOUT_MS = 10_000
const AT_ONCE = 8
const SOON_MS = 60_000

export type DelivererOptions = {
  readonly gateway: Omit<Gateway, 'kick'>
  readonly log: Log
  /** Waits before the second attempt and those after it, in milliseconds; then a delivery has failed. */
  readonly retriesMs: readonly number[]
  /** Ends attempts under way; they are made again by others. */
  readonly stopping: AbortSignal
}

/** Sends events to their endpoints. */
export type Deliverer = {
  /** Sends what is due, now and while this process lives, without being waited for. */
  readonly kick: () => void
  /** Sends what is due; resolves with how many attempts were made. */
  readonly deliver: () => Promise<number>
  /** Resolves when nothing is under way. */
  readonly close: () => Promise<void>
}

/** The only sender of webhooks: whatever is due is sent at least once, by this process or by another. */
export function openDeliverer({ gateway, log, retriesMs, stopping }: DelivererOptions): Deliverer {
  let running: Promise<number> | undefined
  let isWanted = false
  let timer: NodeJS.Timeout | undefined
  const { store } = gateway
  const full = { ...gateway, kick: () => {} }

  /** One pass at a time; what comes in meanwhile has another pass follow. */
  function deliver(): Promise<number> {
    isWanted = true
    running ??= passes().finally(() => {
      running = undefined
      // It was asked for just as the last pass ended.
      if (isWanted && !stopping.aborted) kick()
    })
    return running
  }

  async function passes(): Promise<number> {
    let attempts = 0
    while (isWanted && !stopping.aborted) {
      isWanted = false
      for (;;) {
        const count = await pass()
        attempts += count
        if (count === 0 || stopping.aborted) break
      }
    }
    return attempts
  }

  async function pass(): Promise<number> {
    const control = await readControl(full)
    if (control.hold) return 0
    const due = await store.claimDeliveries(clockOf(full, control), control.reorder ? 100 : AT_ONCE, control.delay_ms)
    if (control.reorder) for (const delivery of due.toReversed()) await attempt(delivery, control)
    else await Promise.all(due.map((delivery) => attempt(delivery, control)))
    return due.length
  }

  async function attempt(delivery: Delivery, control: Control) {
    const made = await send(delivery, control)
    await store.settleDelivery(delivery, made)
    const outcome = made.status === 'pending' ? 'again' : made.status
    deliveries.add(1, { outcome })
    if (outcome !== 'delivered')
      log.info({ eventId: delivery.event.id, attempts: delivery.attempts, outcome, failure: made.failure }, 'webhook')
  }

  async function send(delivery: Delivery, control: Control): Promise<Attempted> {
    const at = clockOf(full, control)
    if (control.drop_next > 0 && (await store.takeDrop())) return { status: 'dropped', dueAt: at, failure: 'a test had it lost' }
    const twice = control.duplicate_next > 0 && (await store.takeDuplicate())
    const failure = (await post(delivery, gateway.now(), stopping)) ?? (twice ? await post(delivery, gateway.now(), stopping) : null)
    if (failure === null) return { status: 'delivered', dueAt: at, failure }
    if (stopping.aborted) return { status: 'pending', dueAt: at, failure }
    const pause = retriesMs[delivery.attempts - 1]
    if (pause === undefined) return { status: 'failed', dueAt: at, failure }
    return { status: 'pending', dueAt: new Date(at.getTime() + pause), failure }
  }

  /** Whoever comes next wakes the process up again, should it sleep by then. */
  async function wakeUp() {
    const control = await readControl(full)
    if (stopping.aborted || control.hold) return
    const next = await store.nextDelivery(control.delay_ms)
    if (!next) return
    const waitMs = next.getTime() - clockOf(full, control).getTime()
    clearTimeout(timer)
    timer = setTimeout(kick, Math.min(Math.max(waitMs, 20), SOON_MS)).unref()
  }

  function kick() {
    isWanted = true
    if (running) return
    deliver()
      .then(wakeUp)
      .catch((err: unknown) => log.error({ err }, 'webhooks could not be delivered'))
  }

  return {
    kick,
    deliver,
    close: async () => {
      clearTimeout(timer)
      await running?.catch(() => {})
    },
  }
}

/** One attempt: `null` when the endpoint took it, else why it did not. */
async function post({ event, url, secret }: Delivery, now: Date, stopping: AbortSignal): Promise<string | null> {
  const body = JSON.stringify(eventView(event))
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'stripe-signature': signatureOf(body, secret, Math.floor(now.getTime() / 1000)),
  }
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(TIMEOUT_MS)])
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await answer.body?.cancel()
    return answer.ok ? null : `answered ${answer.status}`
  } catch (error) {
    return error instanceof Error ? error.message : 'no answer'
  }
}
