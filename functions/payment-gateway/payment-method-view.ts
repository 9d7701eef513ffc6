import type Stripe from 'stripe'
import { findTestCard, type TestCard } from './payment-method.ts'

/** A card that a caller saved. Field names are Stripe's; `created` in Unix seconds. `version` guards its row. */
export type SavedMethod = {
  readonly id: string
  readonly created: number
  readonly version: number
  readonly customer: string | null
  readonly metadata: Readonly<Record<string, string>>
  /** What the caller gave and gets back unchanged: the owner, and when the card expires. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Who a card belongs to: nobody told, so nothing is known. */
export const billingDetails = {
  address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
  email: null,
  name: null,
  phone: null,
  tax_id: null,
}

/** When every test card expires, and where it comes from. */
export const cardFacts = { exp_month: 12, exp_year: 2034, country: 'US' } as const

/** A test card as Stripe's PaymentMethod object, as `saved` when it was; `created` is in Unix seconds. */
export function paymentMethodView(card: TestCard, created: number, saved?: SavedMethod | null): Stripe.PaymentMethod {
  const { billing_details, expires } = { billing_details: billingDetails, expires: {}, ...saved?.details }
  return {
    id: card.id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details,
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      display_brand: card.brand,
      ...cardFacts,
      ...expires,
      fingerprint: `test${card.last4}`,
      funding: card.funding,
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: saved?.created ?? created,
    customer: saved?.customer ?? null,
    customer_account: null,
    livemode: false,
    metadata: saved?.metadata ?? {},
    type: 'card',
  }
}

/** A saved card as Stripe's PaymentMethod object. */
export function savedMethodView(saved: SavedMethod): Stripe.PaymentMethod {
  const card = findTestCard(saved.id)
  if (!card) throw new Error(`No test card belongs to the saved ${saved.id}`)
  return paymentMethodView(card, saved.created, saved)
}
