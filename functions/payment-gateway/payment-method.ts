import type Stripe from 'stripe'

/** Why a charge failed: `code` and `decline_code` are Stripe's; `blocked` when it never reached the card's bank. */
export type CardFailure = { readonly code: string; readonly decline_code: string; readonly message: string; readonly blocked?: true }

/** What happens when a card is charged. A card that authenticates is refused when the customer is not there to do it. */
export type Behaviour =
  | { readonly kind: 'succeeds' }
  | { readonly kind: 'declines'; readonly failure: CardFailure }
  | { readonly kind: 'authenticates'; readonly authenticated: Behaviour }

type Brand = { readonly brand: string; readonly last4: string; readonly funding: 'credit' | 'debit' | 'prepaid' }

/** One of Stripe's test cards. */
export type TestCard = Brand & { readonly id: string; readonly behaviour: Behaviour }

const visa: Brand = { brand: 'visa', last4: '4242', funding: 'credit' }

const succeeding: Record<string, Brand> = {
  visa,
  visa_debit: { brand: 'visa', last4: '5556', funding: 'debit' },
  mastercard: { brand: 'mastercard', last4: '4444', funding: 'credit' },
  mastercard_debit: { brand: 'mastercard', last4: '8210', funding: 'debit' },
  mastercard_prepaid: { brand: 'mastercard', last4: '5100', funding: 'prepaid' },
  amex: { brand: 'amex', last4: '8431', funding: 'credit' },
  discover: { brand: 'discover', last4: '9424', funding: 'credit' },
  diners: { brand: 'diners', last4: '0004', funding: 'credit' },
  jcb: { brand: 'jcb', last4: '0505', funding: 'credit' },
  unionpay: { brand: 'unionpay', last4: '0005', funding: 'credit' },
}

const declined = (decline_code: string, message = 'Your card was declined.', code = 'card_declined'): CardFailure => ({
  code,
  decline_code,
  message,
})
const VELOCITY = 'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.'
const PROCESSING = 'An error occurred while processing your card. Try again in a little bit.'

// Some of these ids have come with and without the brand over the years, and both are in use.
const declining: Record<string, readonly [last4: string, failure: CardFailure]> = {
  chargeDeclined: ['0002', declined('generic_decline')],
  chargeDeclinedInsufficientFunds: ['9995', declined('insufficient_funds', 'Your card has insufficient funds.')],
  chargeDeclinedLostCard: ['9987', declined('lost_card')],
  chargeDeclinedStolenCard: ['9979', declined('stolen_card')],
  chargeDeclinedExpiredCard: ['0069', declined('expired_card', 'Your card has expired.', 'expired_card')],
  chargeDeclinedIncorrectCvc: ['0127', declined('incorrect_cvc', "Your card's security code is incorrect.", 'incorrect_cvc')],
  chargeDeclinedProcessingError: ['0119', declined('processing_error', PROCESSING, 'processing_error')],
  chargeDeclinedVelocityLimitExceeded: ['6975', declined('card_velocity_exceeded', VELOCITY)],
  chargeCustomerFail: ['0341', declined('generic_decline')],
  radarBlock: ['0019', { ...declined('fraudulent'), blocked: true }],
}

const succeeds: Behaviour = { kind: 'succeeds' }
const authenticates: Behaviour = { kind: 'authenticates', authenticated: succeeds }

const authenticating: Record<string, readonly [last4: string, behaviour: Behaviour]> = {
  authenticationRequired: ['3184', authenticates],
  authenticationRequiredOnSetup: ['3155', authenticates],
  threeDSecure2Required: ['3220', authenticates],
  threeDSecureRequiredChargeDeclined: [
    '1629',
    { kind: 'authenticates', authenticated: { kind: 'declines', failure: declined('generic_decline') } },
  ],
  threeDSecureOptional: ['3055', succeeds],
}

const cards = new Map<string, TestCard>()
const add = (id: string, brand: Brand, behaviour: Behaviour) => cards.set(id, { id, ...brand, behaviour })
for (const [name, brand] of Object.entries(succeeding)) add(`pm_card_${name}`, brand, succeeds)
for (const [name, [last4, behaviour]] of Object.entries(authenticating)) add(`pm_card_${name}`, { ...visa, last4 }, behaviour)
for (const [name, [last4, failure]] of Object.entries(declining)) {
  for (const prefix of ['pm_card_', 'pm_card_visa_']) add(prefix + name, { ...visa, last4 }, { kind: 'declines', failure })
}

/** The test card with this id, if there is one. */
export const findTestCard = (id: string): TestCard | undefined => cards.get(id)

/** Every test card there is. */
export const testCards = (): readonly TestCard[] => [...cards.values()]

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

/** A test card as Stripe's PaymentMethod object; `created` is in Unix seconds. */
export function paymentMethodView(card: TestCard, created: number): Stripe.PaymentMethod {
  return {
    id: card.id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: billingDetails,
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      display_brand: card.brand,
      ...cardFacts,
      fingerprint: `test${card.last4}`,
      funding: card.funding,
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  }
}
