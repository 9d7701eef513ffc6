import * as z from 'zod'
import { expandable, flag, integer, mergeMetadata, metadata, text, unsettable } from './params.ts'
import type { Confirmation, NewIntent } from './payment-intent.ts'
import { expandableOfIntent } from './payment-intent-view.ts'
import { findTestCard } from './payment-method.ts'
import { missingResource, StripeError } from './stripe-error.ts'

const MAX_AMOUNT = 99_999_999
/** The least that Stripe charges, in minor units; of other currencies nothing is known. */
const minimumAmounts: Readonly<Record<string, number>> = {
  usd: 50,
  eur: 50,
  gbp: 30,
  chf: 50,
  cad: 50,
  aud: 50,
  jpy: 50,
  sek: 300,
  nok: 300,
  dkk: 250,
}

let known: Set<string> | undefined
const isCurrency = (code: string) => {
  known ??= new Set(Intl.supportedValuesOf('currency').map((value) => value.toLowerCase()))
  return known.has(code)
}

const currency = z.string().toLowerCase().refine(isCurrency, { error: 'Invalid currency: give a three-letter ISO code, such as eur.' })
const paymentMethod = text(255)
const captureMethod = z.enum(['automatic', 'automatic_async', 'manual'], {
  error: 'Invalid capture_method: must be one of automatic, automatic_async, or manual',
})
const expand = expandable(...expandableOfIntent)
const address = z.strictObject({
  city: text().optional(),
  country: text(2).optional(),
  line1: text().optional(),
  line2: unsettable().optional(),
  postal_code: text().optional(),
  state: unsettable().optional(),
})
const shipping = z.strictObject({
  address,
  name: text(),
  carrier: unsettable().optional(),
  phone: unsettable().optional(),
  tracking_number: unsettable().optional(),
})
const url = z.url({ protocol: /^https?$/, error: 'Not a valid URL' })

const confirmation = {
  payment_method: paymentMethod.optional(),
  return_url: url.optional(),
  off_session: flag.optional(),
  error_on_requires_action: flag.optional(),
}

/** Parameters of `POST /v1/payment_intents`. */
export const createParams = z
  .strictObject({
    ...confirmation,
    amount: integer(1, Number.MAX_SAFE_INTEGER),
    currency,
    automatic_payment_methods: z.strictObject({ enabled: flag, allow_redirects: z.enum(['always', 'never']).default('always') }).optional(),
    capture_method: captureMethod.default('automatic_async'),
    confirm: flag.default(false),
    confirmation_method: z.literal('automatic', { error: 'Only automatic confirmation is supported.' }).optional(),
    description: unsettable().default(null),
    expand,
    metadata: metadata.default({}),
    payment_method_types: z
      .array(z.literal('card', { error: 'Only cards are supported.' }))
      .min(1)
      .optional(),
    receipt_email: unsettable(512).default(null),
    setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
    shipping: shipping.optional(),
    statement_descriptor: unsettable(22).default(null),
    statement_descriptor_suffix: unsettable(22).default(null),
    transfer_group: unsettable().default(null),
  })
  .superRefine((given, context) => {
    const refuse = (code: string, path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { stripe: code } })
    const minimum = minimumAmounts[given.currency] ?? 1
    if (given.amount > MAX_AMOUNT) refuse('amount_too_large', 'amount', 'Amount must be no more than 999,999.99')
    if (given.amount < minimum)
      refuse('amount_too_small', 'amount', `Amount must be at least ${minimum} ${given.currency}, in the smallest unit.`)
    if (given.automatic_payment_methods && given.payment_method_types) {
      refuse('parameters_exclusive', 'payment_method_types', 'Give either automatic_payment_methods or payment_method_types, not both.')
    }
    for (const name of ['return_url', 'off_session', 'error_on_requires_action'] as const) {
      if (!given.confirm && given[name] !== undefined) refuse('parameter_unknown', name, `${name} can only be given when confirm is true.`)
    }
  })
/** What `createParams` makes of them. */
export type CreateParams = z.infer<typeof createParams>

/** Parameters of `POST /v1/payment_intents/:id/confirm`. */
export const confirmParams = z.strictObject({ ...confirmation, capture_method: captureMethod.optional(), expand })

/** Parameters of `POST /v1/payment_intents/:id/capture`; the money is always captured once. */
export const captureParams = z.strictObject({
  amount_to_capture: integer(1, Number.MAX_SAFE_INTEGER).optional(),
  final_capture: z.literal('true', { error: 'An intent can be captured only once.' }).optional(),
  metadata: metadata.optional(),
  expand,
})

/** Parameters of `POST /v1/payment_intents/:id/cancel`. */
export const cancelParams = z.strictObject({
  cancellation_reason: z.enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  expand,
})

/** Parameters of `GET /v1/payment_intents/:id`. */
export const retrieveParams = z.strictObject({ client_secret: text(255).optional(), expand })

/** Refuses a payment method that does not exist before anything is made with it. */
export function requireTestCard(id: string | undefined): void {
  if (id !== undefined && !findTestCard(id)) throw new StripeError(missingResource('PaymentMethod', id, 'payment_method'))
}

/** How to attempt the payment, from the parameters of a request that confirms. */
export const confirmationOf = (given: Pick<z.infer<typeof confirmParams>, keyof typeof confirmation>): Confirmation => ({
  paymentMethod: given.payment_method,
  returnUrl: given.return_url,
  offSession: given.off_session,
  errorOnRequiresAction: given.error_on_requires_action,
})

/** A new intent, from the parameters of the request that creates it. */
export function newIntentOf(given: CreateParams): NewIntent {
  const { amount, capture_method, description, receipt_email, statement_descriptor, statement_descriptor_suffix, transfer_group } = given
  // Without a choice of its own the intent takes whatever is switched on for the account, as Stripe does.
  const automatic = given.automatic_payment_methods ?? (given.payment_method_types ? null : { enabled: true, allow_redirects: 'always' })
  return {
    amount,
    currency: given.currency,
    capture_method,
    payment_method: given.payment_method ?? null,
    metadata: mergeMetadata({}, given.metadata),
    details: {
      automatic_payment_methods: automatic,
      description,
      payment_method_types: ['card'],
      receipt_email,
      setup_future_usage: given.setup_future_usage ?? null,
      shipping: given.shipping ?? null,
      statement_descriptor,
      statement_descriptor_suffix,
      transfer_group,
    },
  }
}
