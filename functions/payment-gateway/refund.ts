import { type Charge, refundable } from './charge.ts'
import type { Happening } from './event.ts'
import { findTestCard } from './payment-method.ts'
import type { Payment, Surroundings } from './payment-intent.ts'
import { refundView } from './refund-view.ts'
import { type Failure, invalidRequest } from './stripe-error.ts'

/** Money given back. Field names are Stripe's; amounts in minor units, times in Unix seconds. */
export type Refund = {
  readonly id: string
  readonly charge: string
  readonly payment_intent: string
  readonly created: number
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled'
  readonly amount: number
  readonly currency: string
  readonly reason: RefundReason | null
  readonly failure_reason: string | null
  /** When the bank says what becomes of it; `null` once it has. */
  readonly settles_at: number | null
  readonly metadata: Readonly<Record<string, string>>
}
/** Why money is given back. */
export type RefundReason = 'duplicate' | 'fraudulent' | 'requested_by_customer'

/** What is asked for; without an amount, all that is left of the charge. */
export type NewRefund = {
  readonly amount?: number | undefined
  readonly reason: RefundReason | null
  readonly metadata: Record<string, string>
}

/** A refund with the payment it changed, or why there is none. */
export type RefundDecision = Payment &
  ({ readonly refund: Refund; readonly failure?: never } | { readonly refund?: never; readonly failure: Failure })

/** How long a bank takes that does not answer at once, in seconds. */
export const SETTLES_AFTER = 5

/** Gives money of a captured charge back: never more than was captured, counting every refund before. */
export function refund({ intent, charge }: Payment, given: NewRefund, { now, newId }: Surroundings): RefundDecision {
  const refuse = (message: string, more: { code?: string; param?: string } = {}) => ({
    intent,
    charge,
    failure: invalidRequest(message, more),
  })
  if (!charge || charge.amount_captured === 0) return refuse('This PaymentIntent does not have a successful charge to refund.')
  const left = refundable(charge)
  if (left === 0) return refuse(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  const amount = given.amount ?? left
  if (amount > left) return refuse(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, { param: 'amount' })
  const fate = findTestCard(charge.payment_method)?.refunds
  const made: Refund = {
    id: newId('re'),
    charge: charge.id,
    payment_intent: intent.id,
    created: now,
    status: fate === 'pending' ? 'pending' : 'succeeded',
    amount,
    currency: charge.currency,
    reason: given.reason,
    failure_reason: null,
    settles_at: fate === undefined ? null : now + SETTLES_AFTER,
    metadata: given.metadata,
  }
  return { intent, charge: { ...charge, amount_refunded: charge.amount_refunded + amount }, refund: made }
}

/** A payment with one of its refunds. */
export type Refunded = Payment & { readonly refund: Refund }

/** Takes a refund back that the bank has not carried out. */
export function cancelRefund(read: Refunded): RefundDecision {
  if (read.refund.status !== 'pending') {
    const message = `Refund ${read.refund.id} cannot be canceled because it has a status of ${read.refund.status}.`
    return { intent: read.intent, charge: read.charge, failure: invalidRequest(message) }
  }
  return { ...read, charge: takenBack(read), refund: { ...read.refund, status: 'canceled', settles_at: null } }
}

/** The bank has said what becomes of a refund. `null` when it has nothing to say, or not yet. */
export function settleRefund(read: Refunded, { now }: Surroundings): Refunded | null {
  const { refund: made, charge } = read
  if (made.settles_at === null || made.settles_at > now || !charge) return null
  if (made.status === 'pending') return { ...read, refund: { ...made, status: 'succeeded', settles_at: null } }
  const failed: Refund = { ...made, status: 'failed', failure_reason: 'expired_or_canceled_card', settles_at: null }
  return { ...read, charge: takenBack(read), refund: failed }
}

/** The money of a refund that is not carried out is the shop's again. */
function takenBack({ charge, refund: { amount } }: Refunded): Charge | null {
  return charge && { ...charge, amount_refunded: charge.amount_refunded - amount }
}

/** What happened to a refund between two states of it; one that was not there has been created. */
export function refundHappenings(before: Refund | null, after: Refund): Happening[] {
  const object = refundView(after)
  if (!before) return [{ type: 'refund.created', object }]
  const update = { object, before: refundView(before) }
  const events = [
    { type: 'refund.updated', ...update },
    { type: 'charge.refund.updated', ...update },
  ]
  return after.status === 'failed' ? [{ type: 'refund.failed', ...update }, ...events] : events
}
