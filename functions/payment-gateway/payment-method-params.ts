import * as z from 'zod'
import { integer, mergeMetadata, metadata, text, unsettable } from './params.ts'
import type { Surroundings } from './payment-intent.ts'
import { findByNumber, findTestCard, type TestCard } from './payment-method.ts'
import { billingDetails, type SavedMethod } from './payment-method-view.ts'
import { missingResource, StripeError } from './stripe-error.ts'

const line = unsettable().optional()
const address = z.strictObject({ city: line, country: unsettable(2).optional(), line1: line, line2: line, postal_code: line, state: line })

/** What a card is made of: its number, or a token that stands for a test card. */
export const methodData = z.strictObject({
  type: z.literal('card', { error: 'Only cards are supported.' }),
  card: z
    .strictObject({
      number: text(30).optional(),
      exp_month: integer(1, 12).optional(),
      exp_year: integer(0, 9999).optional(),
      cvc: text(4).optional(),
      token: text(255).optional(),
    })
    .optional(),
  billing_details: z.strictObject({ address: address.optional(), email: line, name: line, phone: line, tax_id: line }).optional(),
  allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
  metadata: metadata.optional(),
})
type MethodData = z.infer<typeof methodData>

/** The test card that is described; refuses numbers and tokens of none. */
export function cardOf({ card }: Pick<MethodData, 'card'>): TestCard {
  const { number, token } = card ?? {}
  if (token !== undefined) {
    const found = findTestCard(token.replace(/^tok_/, 'pm_card_'))
    if (found && token.startsWith('tok_')) return found
    throw new StripeError(missingResource('token', token, 'card[token]'))
  }
  if (number === undefined) {
    const message = 'Missing required param: card[number].'
    throw new StripeError({ status: 400, type: 'invalid_request_error', code: 'parameter_missing', param: 'card[number]', message })
  }
  const found = findByNumber(number.replaceAll(/[ -]/g, ''))
  if (found) return found
  const message = 'Your card number is incorrect.'
  throw new StripeError({ status: 402, type: 'card_error', code: 'incorrect_number', param: 'number', message })
}

/** A card saved under an id of its own, which tells which test card it is. */
export function saveMethod({ last4 }: TestCard, given: Partial<MethodData>, { now, newId }: Surroundings): SavedMethod {
  const { exp_month, exp_year } = given.card ?? {}
  const expires =
    exp_month === undefined || exp_year === undefined ? {} : { exp_month, exp_year: exp_year < 100 ? 2000 + exp_year : exp_year }
  const details = { expires, billing_details: ownerOf(given) }
  return { id: newId('pm') + last4, created: now, version: 0, customer: null, metadata: mergeMetadata({}, given.metadata), details }
}

/** Who a card belongs to, with everything that was not told as `null`. */
export const ownerOf = ({ billing_details: given }: Partial<MethodData>) => ({
  ...billingDetails,
  ...given,
  address: { ...billingDetails.address, ...given?.address },
})

/** Refuses an id of which no card can be known; whether a saved one is there is for the database to say. */
export function requireKnownCard(id: string | undefined): void {
  if (id !== undefined && !findTestCard(id)) throw new StripeError(missingResource('PaymentMethod', id, 'payment_method'))
}
