import type Stripe from 'stripe'
import { chargeView } from './charge.ts'
import type { Payment, PaymentError } from './payment-intent.ts'
import { customerReference } from './customer.ts'
import { findTestCard } from './payment-method.ts'
import { paymentMethodView, type SavedMethod } from './payment-method-view.ts'
import { docUrl } from './stripe-error.ts'

/** The ids in a payment intent that can be answered as whole objects. */
export const expandableOfIntent = ['latest_charge', 'payment_method', 'customer'] as const

type Details = Pick<
  Stripe.PaymentIntent,
  | 'automatic_payment_methods'
  | 'description'
  | 'payment_method_types'
  | 'receipt_email'
  | 'setup_future_usage'
  | 'shipping'
  | 'statement_descriptor'
  | 'statement_descriptor_suffix'
  | 'transfer_group'
>

/** A payment as Stripe's PaymentIntent object; `expand` names the ids to answer as whole objects. */
export function paymentIntentView({ intent, charge, customer, method }: Payment, expand: readonly string[] = []): Stripe.PaymentIntent {
  const latestCharge = expand.includes('latest_charge') && charge ? chargeView(charge) : intent.latest_charge
  const details = intent.details as Details
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: intent.amount,
    amount_capturable: intent.amount_capturable,
    amount_details: { tip: {} },
    amount_received: intent.amount_received,
    application: null,
    application_fee_amount: null,
    canceled_at: intent.canceled_at,
    cancellation_reason: intent.cancellation_reason,
    capture_method: intent.capture_method,
    client_secret: intent.client_secret,
    confirmation_method: 'automatic',
    created: intent.created,
    currency: intent.currency,
    customer: expand.includes('customer') && customer ? customerReference(customer) : intent.customer,
    customer_account: null,
    excluded_payment_method_types: null,
    last_payment_error: intent.last_payment_error && errorView(intent.last_payment_error, intent.created),
    latest_charge: latestCharge,
    livemode: false,
    managed_payments: null,
    metadata: intent.metadata,
    next_action: intent.next_action,
    on_behalf_of: null,
    payment_method: expand.includes('payment_method') ? methodView(intent.payment_method, intent.created, method) : intent.payment_method,
    payment_method_configuration_details: null,
    payment_method_options: { card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
    payment_record: null,
    processing: null,
    review: null,
    source: null,
    status: intent.status,
    transfer_data: null,
    ...details,
  }
}

function errorView({ payment_method, ...error }: PaymentError, created: number): Stripe.PaymentIntent.LastPaymentError {
  const card = findTestCard(payment_method)
  // Stripe adds codes faster than its SDK's list of them.
  const code = error.code as Stripe.PaymentIntent.LastPaymentError.Code
  return { ...error, code, doc_url: docUrl(code), ...(card && { payment_method: paymentMethodView(card, created) }) }
}

/** The card with this id as an object, with what is known of it when it was `saved`. */
export function methodView(id: string | null, created: number, saved?: SavedMethod | null): string | Stripe.PaymentMethod | null {
  const card = id === null ? undefined : findTestCard(id)
  return card ? paymentMethodView(card, created, saved?.id === id ? saved : null) : id
}
