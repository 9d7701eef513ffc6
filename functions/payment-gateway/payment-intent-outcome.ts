import type { Customer } from './customer.ts'
import { paymentHappenings } from './event.ts'
import type { Outcome } from './exchange.ts'
import { outcomeOf as kindOf } from './outcome.ts'
import type { Decision, Payment } from './payment-intent.ts'
import { methodView, paymentIntentView } from './payment-intent-view.ts'
import type { SavedMethod } from './payment-method-view.ts'
import { errorBody } from './stripe-error.ts'

/** How an answer is made: what to expand, who asked, and the card that was saved on the way. */
type Options = { readonly expand: readonly string[]; readonly requestId: string; readonly made?: SavedMethod | undefined }

/** The payment that a path names. */
export const target = (intent: string) => ({ intent, param: 'intent' })

/** A payment with the customer and the card that the request named. */
export const withParties = <P extends Payment>(payment: P, customer: Customer | null, method: SavedMethod | null): P => ({
  ...payment,
  customer: customer ?? payment.customer ?? null,
  method: method ?? payment.method ?? null,
})

/**
 * What a decision leaves behind: the payment, what happened to it on the way through `states`, and the intent or the error
 * about it as the answer.
 */
export function outcomeOf(states: readonly (Payment | null)[], decision: Decision, { expand, requestId, made }: Options): Outcome {
  const { failure } = decision
  const before = states.at(-1)
  const after: Payment = { ...before, intent: decision.intent, charge: decision.charge }
  const steps = [...states, after]
  const happenings = steps.slice(1).flatMap((state, index) => (state ? paymentHappenings(steps[index] ?? null, state) : []))
  const view = paymentIntentView(after, failure ? [] : expand)
  const answer = failure
    ? { status: failure.status, body: errorBody(failure, requestId, { payment_intent: view, ...declinedMethod(after, decision) }) }
    : { status: 200, body: JSON.stringify(view) }
  return { payment: after, method: made, happenings, answer, outcome: kindOf(decision) }
}

const declinedMethod = ({ method }: Payment, { charge, failure }: Decision) =>
  failure?.type === 'card_error' && charge ? { payment_method: methodView(charge.payment_method, charge.created, method) } : {}
