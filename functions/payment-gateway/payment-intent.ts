import type { Charge } from './charge.ts'
import type { Customer } from './customer.ts'
import { type Behaviour, type CardFailure, findTestCard, type TestCard } from './payment-method.ts'
import type { SavedMethod } from './payment-method-view.ts'
import { type Failure, invalidRequest, missingResource } from './stripe-error.ts'

/** Where a payment intent stands. */
export type Status = 'requires_payment_method' | 'requires_confirmation' | 'requires_action' | 'requires_capture' | 'succeeded' | 'canceled'
/** Whether confirming takes the money, or only authorises it. */
export type CaptureMethod = 'automatic' | 'automatic_async' | 'manual'
/** Why an intent was cancelled; `automatic` when its authorisation ran out. */
export type CancellationReason = 'abandoned' | 'automatic' | 'duplicate' | 'fraudulent' | 'requested_by_customer'

/** Why the last attempt to pay failed. */
export type PaymentError = {
  readonly type: 'card_error' | 'invalid_request_error'
  readonly code: string
  readonly decline_code?: string
  readonly charge?: string
  readonly message: string
  readonly payment_method: string
}

/** What the customer has to do: authenticate, on a page of ours or by Stripe's own script. */
export type NextAction =
  | { readonly type: 'redirect_to_url'; readonly redirect_to_url: { readonly return_url: string; readonly url: string } }
  | { readonly type: 'use_stripe_sdk'; readonly use_stripe_sdk: { readonly type: 'three_d_secure_redirect'; readonly stripe_js: string } }

/** A payment intent. Field names are Stripe's; amounts in minor units, times in Unix seconds. `version` guards its row. */
export type Intent = {
  readonly id: string
  readonly created: number
  readonly version: number
  readonly status: Status
  readonly amount: number
  readonly amount_capturable: number
  readonly amount_received: number
  readonly currency: string
  readonly capture_method: CaptureMethod
  readonly customer: string | null
  readonly payment_method: string | null
  readonly latest_charge: string | null
  readonly client_secret: string
  readonly cancellation_reason: CancellationReason | null
  readonly canceled_at: number | null
  readonly last_payment_error: PaymentError | null
  readonly next_action: NextAction | null
  readonly metadata: Readonly<Record<string, string>>
  /** What the caller gave and gets back unchanged. */
  readonly details: Readonly<Record<string, unknown>>
}

/** An intent with its latest charge, and its customer and saved card where they were read with it. */
export type Payment = {
  readonly intent: Intent
  readonly charge: Charge | null
  readonly customer?: Customer | null
  readonly method?: SavedMethod | null
}

/** What a command makes of a payment. A `failure` is the answer; the payment may have changed all the same, as by a decline. */
export type Decision = Payment & { readonly failure?: Failure }

/** What decisions take from outside: the time in Unix seconds, fresh ids, and where customers authenticate. */
export type Surroundings = {
  readonly now: number
  readonly newId: (prefix: string) => string
  readonly newSecret: () => string
  readonly authenticationUrl: (intentId: string) => string
}

/** How to attempt the payment. */
export type Confirmation = {
  readonly paymentMethod?: string | undefined
  readonly returnUrl?: string | undefined
  readonly offSession?: boolean | undefined
  readonly errorOnRequiresAction?: boolean | undefined
}

/** What a new intent is made of. */
export type NewIntent = Pick<Intent, 'amount' | 'currency' | 'capture_method' | 'customer' | 'payment_method' | 'metadata' | 'details'>

/** A new intent that waits for a payment method, or to be confirmed when it has one. Not stored yet: its version is 0. */
export function newPayment(given: NewIntent, { now, newId, newSecret }: Surroundings): Payment {
  const id = newId('pi')
  const intent: Intent = {
    ...given,
    id,
    created: now,
    version: 0,
    status: given.payment_method === null ? 'requires_payment_method' : 'requires_confirmation',
    amount_capturable: 0,
    amount_received: 0,
    latest_charge: null,
    client_secret: `${id}_secret_${newSecret()}`,
    cancellation_reason: null,
    canceled_at: null,
    last_payment_error: null,
    next_action: null,
  }
  return { intent, charge: null }
}

/** Attempts the payment: it succeeds, is authorised, waits for the customer to authenticate, or is declined. */
export function confirm({ intent, charge }: Payment, given: Confirmation, surroundings: Surroundings): Decision {
  if (!isOneOf(intent.status, ['requires_payment_method', 'requires_confirmation', 'requires_action'])) {
    return {
      intent,
      charge,
      failure: unexpectedState(`You cannot confirm this PaymentIntent because it has a status of ${intent.status}.`),
    }
  }
  const id = given.paymentMethod ?? intent.payment_method
  if (id === null) {
    const message = "You cannot confirm this PaymentIntent because it's missing a payment method."
    return { intent, charge, failure: unexpectedState(`${message} Supply one by the payment_method parameter of the confirmation.`) }
  }
  const card = findTestCard(id)
  if (!card) return { intent, charge, failure: missingResource('PaymentMethod', id, 'payment_method') }
  const attempted = { ...intent, payment_method: id, next_action: null, last_payment_error: null }
  if (card.behaviour.kind !== 'authenticates') return settleAttempt(attempted, card, card.behaviour, surroundings)
  if (given.offSession || given.errorOnRequiresAction) {
    return settleAttempt(attempted, card, { kind: 'declines', failure: authenticationRequired }, surroundings)
  }
  const next_action = nextAction(given.returnUrl, surroundings.authenticationUrl(intent.id))
  return { intent: { ...attempted, status: 'requires_action', next_action }, charge }
}

/** Takes the authorised money, or a part of it: the rest is given back to the customer. */
export function capture({ intent, charge }: Payment, amount: number | undefined): Decision {
  if (intent.status !== 'requires_capture' || !charge) {
    const message = `This PaymentIntent could not be captured because it has a status of ${intent.status}.`
    return {
      intent,
      charge,
      failure: unexpectedState(`${message} Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`),
    }
  }
  const captured = amount ?? intent.amount_capturable
  if (captured > intent.amount_capturable) {
    const message = 'The provided capture amount is greater than the amount that can be captured.'
    return { intent, charge, failure: invalidRequest(message, { code: 'amount_too_large', param: 'amount_to_capture' }) }
  }
  return {
    intent: { ...intent, status: 'succeeded', amount_capturable: 0, amount_received: captured },
    charge: { ...charge, amount_captured: captured },
  }
}

/** The customer has been asked to authenticate: the payment goes on, or failed for want of it. */
export function completeAuthentication({ intent, charge }: Payment, result: 'succeeded' | 'failed', surroundings: Surroundings): Decision {
  const card = intent.payment_method === null ? undefined : findTestCard(intent.payment_method)
  if (intent.status !== 'requires_action' || card?.behaviour.kind !== 'authenticates') {
    return {
      intent,
      charge,
      failure: unexpectedState(`This PaymentIntent does not wait for authentication: it has a status of ${intent.status}.`),
    }
  }
  const asked = { ...intent, next_action: null }
  if (result === 'succeeded') return settleAttempt(asked, card, card.behaviour.authenticated, surroundings)
  const message =
    'The provided PaymentMethod has failed authentication. Provide a new PaymentMethod to attempt to fulfil this PaymentIntent again.'
  const last_payment_error: PaymentError = {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    message,
    payment_method: card.id,
  }
  return { intent: { ...asked, status: 'requires_payment_method', payment_method: null, last_payment_error }, charge }
}

/** One attempt is one charge; a declined one sends the intent back to where it has no payment method. */
function settleAttempt(intent: Intent, card: TestCard, behaviour: Behaviour, { now, newId }: Surroundings): Decision {
  const failed = behaviour.kind === 'declines' ? behaviour.failure : null
  const charge: Charge = {
    id: newId('ch'),
    payment_intent: intent.id,
    created: now,
    status: failed ? 'failed' : 'succeeded',
    amount: intent.amount,
    amount_captured: failed || intent.capture_method === 'manual' ? 0 : intent.amount,
    amount_refunded: 0,
    currency: intent.currency,
    customer: intent.customer,
    released: false,
    payment_method: card.id,
    failure: failed,
    metadata: intent.metadata,
  }
  const charged = { ...intent, latest_charge: charge.id }
  if (failed) return decline(charged, charge, failed)
  if (intent.capture_method === 'manual')
    return { intent: { ...charged, status: 'requires_capture', amount_capturable: intent.amount }, charge }
  return { intent: { ...charged, status: 'succeeded', amount_received: intent.amount }, charge }
}

function decline(intent: Intent, charge: Charge, { code, decline_code, message }: CardFailure): Decision {
  const error = { type: 'card_error', code, decline_code, charge: charge.id, message } as const
  const last_payment_error: PaymentError = { ...error, payment_method: charge.payment_method }
  return {
    intent: { ...intent, status: 'requires_payment_method', payment_method: null, last_payment_error },
    charge,
    failure: { status: 402, ...error },
  }
}

const authenticationRequired: CardFailure = {
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
}

const nextAction = (return_url: string | undefined, url: string): NextAction =>
  return_url === undefined
    ? { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url } }
    : { type: 'redirect_to_url', redirect_to_url: { return_url, url } }

/** A command that the intent's status does not allow. */
export const unexpectedState = (message: string) => invalidRequest(message, { code: 'payment_intent_unexpected_state' })
const isOneOf = <T>(value: T, values: readonly T[]): boolean => values.includes(value)
