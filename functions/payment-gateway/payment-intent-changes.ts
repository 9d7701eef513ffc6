import {
  type CancellationReason,
  type Decision,
  type Intent,
  type Payment,
  type Status,
  type Surroundings,
  unexpectedState,
} from './payment-intent.ts'
import { invalidRequest } from './stripe-error.ts'

/** What can be changed of an intent. */
export type IntentChange = Partial<
  Pick<Intent, 'amount' | 'currency' | 'capture_method' | 'customer' | 'payment_method' | 'metadata' | 'details'>
>

const changeable: readonly Status[] = ['requires_payment_method', 'requires_confirmation', 'requires_action']
/** What may be told of a payment at any time, as it moves no money. */
const descriptive = new Set(['metadata', 'details'])

/** Changes what is to be paid and how, while nothing has been; what only describes the payment can always be changed. */
export function update({ intent, charge }: Payment, change: IntentChange): Decision {
  const given = Object.keys(change)
  if (!changeable.includes(intent.status) && given.some((name) => !descriptive.has(name))) {
    const message = `This PaymentIntent's ${given.find((name) => !descriptive.has(name))} could not be updated because it has a status of ${intent.status}.`
    return { intent, charge, failure: unexpectedState(message) }
  }
  if (change.customer !== undefined && intent.customer !== null && change.customer !== intent.customer) {
    return { intent, charge, failure: invalidRequest('The customer of a PaymentIntent cannot be changed.', { param: 'customer' }) }
  }
  const changed = { ...intent, ...change }
  const isNamed = changed.payment_method !== null && intent.status === 'requires_payment_method'
  return { intent: isNamed ? { ...changed, status: 'requires_confirmation', last_payment_error: null } : changed, charge }
}

const cancelable: readonly Status[] = ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action']

/** Ends an intent that has taken no money; what was authorised is given back. */
export function cancel({ intent, charge }: Payment, reason: CancellationReason | null, { now }: Surroundings): Decision {
  if (!cancelable.includes(intent.status)) {
    const message = `You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`
    return {
      intent,
      charge,
      failure: unexpectedState(
        `${message} Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(', ')}.`,
      ),
    }
  }
  return {
    intent: { ...intent, status: 'canceled', amount_capturable: 0, next_action: null, canceled_at: now, cancellation_reason: reason },
    charge: intent.status === 'requires_capture' && charge ? { ...charge, released: true } : charge,
  }
}

/** How long the bank keeps authorised money back for a capture, in seconds. */
export const AUTHORISED_FOR = 7 * 24 * 60 * 60

/** Gives back what was authorised too long ago. `null` when that is not so, or no longer. */
export function expire(payment: Payment, surroundings: Surroundings): Decision | null {
  const { intent, charge } = payment
  if (intent.status !== 'requires_capture' || !charge || charge.created > surroundings.now - AUTHORISED_FOR) return null
  return cancel(payment, 'automatic', surroundings)
}
