import type Stripe from 'stripe'
import { type Customer, customerReference } from './customer.ts'
import { type CardFailure, findTestCard } from './payment-method.ts'
import { billingDetails, cardFacts } from './payment-method-view.ts'

/** One attempt to charge a card. Field names are Stripe's; amounts in minor units, `created` in Unix seconds. */
export type Charge = {
  readonly id: string
  readonly payment_intent: string
  readonly created: number
  readonly status: 'succeeded' | 'failed'
  readonly amount: number
  readonly amount_captured: number
  readonly amount_refunded: number
  readonly currency: string
  readonly customer: string | null
  /** The authorisation was given up before it was captured. */
  readonly released: boolean
  readonly payment_method: string
  readonly failure: CardFailure | null
  readonly metadata: Readonly<Record<string, string>>
}

/** What of a charge can still be refunded. */
export const refundable = (charge: Charge): number => charge.amount_captured - charge.amount_refunded

/** What a charge is of, as far as it was asked for as whole objects. */
export type ChargeParents = { readonly intent?: Stripe.PaymentIntent | undefined; readonly customer?: Customer | null | undefined }

/** A charge as Stripe's Charge object. */
export function chargeView(charge: Charge, { intent, customer }: ChargeParents = {}): Stripe.Charge {
  const { failure, released } = charge
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.amount_captured,
    // Stripe shows an authorisation that was given up as refunded in full.
    amount_refunded: released ? charge.amount : charge.amount_refunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: billingDetails,
    calculated_statement_descriptor: null,
    captured: charge.amount_captured > 0,
    created: charge.created,
    currency: charge.currency,
    customer: customer ? customerReference(customer) : charge.customer,
    description: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: charge.metadata,
    on_behalf_of: null,
    outcome: outcomeView(failure),
    paid: charge.status === 'succeeded',
    payment_intent: intent ?? charge.payment_intent,
    payment_method: charge.payment_method,
    payment_method_details: { type: 'card', card: cardView(charge) },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: released || (charge.amount_captured > 0 && refundable(charge) === 0),
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: charge.status,
    transfer_data: null,
    transfer_group: null,
  }
}

function outcomeView(failure: CardFailure | null): Stripe.Charge.Outcome {
  const common = { advice_code: null, network_advice_code: null, network_decline_code: null }
  if (!failure) {
    const message = 'Payment complete.'
    return {
      ...common,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      seller_message: message,
      type: 'authorized',
    }
  }
  if (failure.blocked) {
    const message = 'Stripe blocked this payment as too risky.'
    const reason = 'highest_risk_level'
    return { ...common, network_status: 'not_sent_to_network', reason, risk_level: 'highest', seller_message: message, type: 'blocked' }
  }
  const message = 'The bank did not return any further details with this decline.'
  const reason = failure.decline_code
  return {
    ...common,
    network_status: 'declined_by_network',
    reason,
    risk_level: 'normal',
    seller_message: message,
    type: 'issuer_declined',
  }
}

function cardView(charge: Charge): Stripe.Charge.PaymentMethodDetails.Card {
  const card = findTestCard(charge.payment_method)
  const brand = card?.brand ?? null
  return {
    amount_authorized: charge.status === 'succeeded' ? charge.amount : null,
    authorization_code: null,
    brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    ...cardFacts,
    electronic_commerce_indicator: null,
    fingerprint: card ? `test${card.last4}` : null,
    funding: card?.funding ?? null,
    installments: null,
    last4: card?.last4 ?? null,
    mandate: null,
    network: brand,
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  }
}
