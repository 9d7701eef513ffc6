/** Why a charge failed: `code` and `decline_code` are Stripe's; `blocked` when it never reached the card's bank. */
export type CardFailure = { readonly code: string; readonly decline_code: string; readonly message: string; readonly blocked?: true }

/** What happens when a card is charged. A card that authenticates is refused when the customer is not there to do it. */
export type Behaviour =
  | { readonly kind: 'succeeds' }
  | { readonly kind: 'declines'; readonly failure: CardFailure }
  | { readonly kind: 'authenticates'; readonly authenticated: Behaviour }

type Brand = { readonly brand: string; readonly last4: string; readonly funding: 'credit' | 'debit' | 'prepaid' }

/** What becomes of refunds to a card whose bank does not simply take them. */
export type RefundFate = 'pending' | 'fails'

/** One of Stripe's test cards. */
export type TestCard = Brand & { readonly id: string; readonly behaviour: Behaviour; readonly refunds?: RefundFate }

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

const refunding: Record<string, readonly [last4: string, refunds: RefundFate]> = {
  pendingRefund: ['7726', 'pending'],
  refundFail: ['5126', 'fails'],
}

const cards = new Map<string, TestCard>()
const byLast4 = new Map<string, TestCard>()
const add = (card: TestCard) => {
  cards.set(card.id, card)
  if (!byLast4.has(card.last4)) byLast4.set(card.last4, card)
}
for (const [name, brand] of Object.entries(succeeding)) add({ id: `pm_card_${name}`, ...brand, behaviour: succeeds })
for (const [name, [last4, behaviour]] of Object.entries(authenticating)) add({ id: `pm_card_${name}`, ...visa, last4, behaviour })
for (const [name, [last4, refunds]] of Object.entries(refunding))
  add({ id: `pm_card_${name}`, ...visa, last4, behaviour: succeeds, refunds })
for (const [name, [last4, failure]] of Object.entries(declining)) {
  for (const prefix of ['pm_card_', 'pm_card_visa_']) add({ id: prefix + name, ...visa, last4, behaviour: { kind: 'declines', failure } })
}

/** A saved card's id ends with the digits that tell which test card it is, so that it need not be looked up to be charged. */
const SAVED = /^pm_[0-9a-z]{25}(\d{4})$/

/** The card with this id: a test card, or one that was saved. */
export function findTestCard(id: string): TestCard | undefined {
  const card = cards.get(id)
  if (card) return card
  const saved = byLast4.get(SAVED.exec(id)?.[1] ?? '')
  return saved && { ...saved, id }
}

/** Whether the id is that of a saved card, or of none, and not of one of the cards that are always there. */
export const isSaved = (id: string): boolean => !cards.has(id)

const numbers = new Set(
  `4242424242424242 4000056655665556 5555555555554444 5200828282828210 5105105105105100 371449635398431
   6011000990139424 3056930009020004 36227206271667 3566002020360505 6200000000000005 4000000000000002
   4000000000009995 4000000000009987 4000000000009979 4000000000000069 4000000000000127 4000000000000119
   4000000000006975 4000000000000341 4100000000000019 4000002760003184 4000002500003155 4000000000003220
   4000008400001629 4000000000003055 4000000000007726 4000000000005126`.split(/\s+/),
)

/** The test card with this number. */
export const findByNumber = (number: string): TestCard | undefined => (numbers.has(number) ? byLast4.get(number.slice(-4)) : undefined)

/** Every test card there is. */
export const testCards = (): readonly TestCard[] => [...cards.values()]
