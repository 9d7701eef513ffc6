import type Stripe from 'stripe'
import { API_VERSION } from './api-version.ts'
import { type ChargeParents, chargeView } from './charge.ts'
import { idAt } from './ids.ts'
import type { Payment } from './payment-intent.ts'
import { paymentIntentView } from './payment-intent-view.ts'

/** Something that happened to an object: its view after it, and before it where it was there. */
export type Happening = { readonly type: string; readonly object: object; readonly before?: object | undefined }

/** An event as it is stored; `created` is in Unix seconds. */
export type EventRow = {
  readonly id: string
  readonly created: number
  readonly type: string
  readonly data: { readonly object: unknown; readonly previous_attributes?: unknown }
}

/** An event as it is read. */
export type StoredEvent = EventRow & {
  readonly request_id: string | null
  readonly idempotency_key: string | null
  readonly pending_webhooks: number
}

/** The rows of what one request made happen: their ids sort in the order in which it did. */
export const eventRows = (happenings: readonly Happening[], date: Date): EventRow[] =>
  happenings.map(({ type, object, before }, index) => ({
    id: idAt('evt', date, index),
    created: Math.floor(date.getTime() / 1000),
    type,
    data: { object, ...(before && { previous_attributes: differences(before, object) }) },
  }))

/** An event as Stripe's Event object. */
export function eventView(event: StoredEvent): Stripe.Event {
  const view = {
    id: event.id,
    object: 'event',
    api_version: API_VERSION,
    created: event.created,
    data: event.data,
    livemode: false,
    pending_webhooks: event.pending_webhooks,
    request: { id: event.request_id, idempotency_key: event.idempotency_key },
    type: event.type,
  }
  // The type of the object follows from that of the event only once it has been stored and read again.
  return view as unknown as Stripe.Event
}

/** What happened to a payment between two states of it; a payment that was not there has been created. */
export function paymentHappenings(before: Payment | null, after: Payment): Happening[] {
  if (!before) return [{ type: 'payment_intent.created', object: paymentIntentView(after) }]
  return [...chargeHappenings(before, after), ...intentHappenings(before, after)]
}

function intentHappenings(before: Payment, after: Payment): Happening[] {
  const happened = (type: string, isUpdate = false): Happening => ({
    type: `payment_intent.${type}`,
    object: paymentIntentView(after),
    ...(isUpdate && { before: paymentIntentView(before) }),
  })
  const { status, last_payment_error } = after.intent
  if (status !== before.intent.status) {
    if (status === 'requires_action' || status === 'succeeded' || status === 'canceled') return [happened(status)]
    if (status === 'requires_capture') return [happened('amount_capturable_updated', true)]
  }
  const failed = last_payment_error !== null && last_payment_error !== before.intent.last_payment_error
  return failed ? [happened('payment_failed')] : []
}

function chargeHappenings(before: Payment, after: Payment): Happening[] {
  const { charge, intent } = after
  if (!charge) return []
  const parents: ChargeParents = {}
  const old = before.charge?.id === charge.id ? before.charge : null
  const happened = (type: string): Happening => ({
    type: `charge.${type}`,
    object: chargeView(charge, parents),
    before: old ? chargeView(old, parents) : undefined,
  })
  if (!old) return [happened(charge.status)]
  if (charge.released && !old.released) return [happened(intent.cancellation_reason === 'automatic' ? 'expired' : 'refunded')]
  if (charge.amount_captured > old.amount_captured) return [happened('captured')]
  if (charge.amount_refunded > old.amount_refunded) return [happened('refunded')]
  return charge.amount_refunded < old.amount_refunded ? [happened('updated')] : []
}

/** The members of `before` that are different in `after`, as they were. */
const differences = (before: object, after: object): Record<string, unknown> => {
  const now = after as Record<string, unknown>
  return Object.fromEntries(Object.entries(before).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now[name])))
}
