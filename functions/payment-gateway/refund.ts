import type Stripe from 'stripe'
import { type Charge, chargeView, refundable } from './charge.ts'
import type { Payment, Surroundings } from './payment-intent.ts'
import { paymentIntentView } from './payment-intent-view.ts'
import { type Failure, invalidRequest } from './stripe-error.ts'

/** Money given back. Field names are Stripe's; amounts in minor units, `created` in Unix seconds. */
export type Refund = {
  readonly id: string
  readonly charge: string
  readonly payment_intent: string
  readonly created: number
  readonly status: 'succeeded'
  readonly amount: number
  readonly currency: string
  readonly reason: RefundReason | null
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
  const made: Refund = {
    id: newId('re'),
    charge: charge.id,
    payment_intent: intent.id,
    created: now,
    status: 'succeeded',
    amount,
    currency: charge.currency,
    reason: given.reason,
    metadata: given.metadata,
  }
  return { intent, charge: { ...charge, amount_refunded: charge.amount_refunded + amount }, refund: made }
}

/** The ids in a refund that can be answered as whole objects. */
export const expandableOfRefund = ['charge', 'payment_intent'] as const

/** A refund as Stripe's Refund object; `payment` is needed for the ids that `expand` names. */
export function refundView(
  made: Refund,
  expand: readonly string[] = [],
  payment?: { intent: Payment['intent']; charge: Charge },
): Stripe.Refund {
  return {
    id: made.id,
    object: 'refund',
    amount: made.amount,
    balance_transaction: null,
    charge: payment && expand.includes('charge') ? chargeView(payment.charge) : made.charge,
    created: made.created,
    currency: made.currency,
    customer: null,
    customer_account: null,
    destination_details: {
      type: 'card',
      card: { type: 'refund', reference_status: 'pending', reference_type: 'acquirer_reference_number' },
    },
    metadata: made.metadata,
    payment_intent: payment && expand.includes('payment_intent') ? paymentIntentView(payment) : made.payment_intent,
    payment_method: null,
    reason: made.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: made.status,
    transfer_reversal: null,
  }
}
