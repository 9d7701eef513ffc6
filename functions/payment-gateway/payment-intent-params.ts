import * as z from 'zod'
import { expandable, flag, integer, mergeMetadata, metadata, text, unsettable } from './params.ts'
import type { Confirmation, Intent, NewIntent } from './payment-intent.ts'
import type { IntentChange } from './payment-intent-changes.ts'
import { expandableOfIntent } from './payment-intent-view.ts'
import { methodData } from './payment-method-params.ts'

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
/** A postal address. */
export const address = z.strictObject({
  city: text().optional(),
  country: text(2).optional(),
  line1: text().optional(),
  line2: unsettable().optional(),
  postal_code: text().optional(),
  state: unsettable().optional(),
})
/** Where goods are sent. */
export const shipping = z.strictObject({
  address,
  name: text(),
  carrier: unsettable().optional(),
  phone: unsettable().optional(),
  tracking_number: unsettable().optional(),
})
const url = z.url({ protocol: /^https?$/, error: 'Not a valid URL' })

const confirmation = {
  payment_method: paymentMethod.optional(),
  payment_method_data: methodData.optional(),
  return_url: url.optional(),
  off_session: flag.optional(),
  error_on_requires_action: flag.optional(),
}

/** What only describes a payment. */
const description = {
  description: unsettable().optional(),
  receipt_email: unsettable(512).optional(),
  setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
  shipping: shipping.optional(),
  statement_descriptor: unsettable(22).optional(),
  statement_descriptor_suffix: unsettable(22).optional(),
  transfer_group: unsettable().optional(),
  payment_method_types: z
    .array(z.literal('card', { error: 'Only cards are supported.' }))
    .min(1)
    .optional(),
}

type Refuse = (code: string, path: string, message: string) => void

function checkAmount({ amount, currency: code }: { amount?: number | undefined; currency?: string | undefined }, refuse: Refuse): void {
  if (amount === undefined) return
  const minimum = minimumAmounts[code ?? ''] ?? 1
  if (amount > MAX_AMOUNT) refuse('amount_too_large', 'amount', 'Amount must be no more than 999,999.99')
  if (amount < minimum) refuse('amount_too_small', 'amount', `Amount must be at least ${minimum} ${code}, in the smallest unit.`)
}

function checkMethod(given: { payment_method?: unknown; payment_method_data?: unknown }, refuse: Refuse): void {
  if (given.payment_method === undefined || given.payment_method_data === undefined) return
  refuse('parameters_exclusive', 'payment_method_data', 'Give either payment_method or payment_method_data, not both.')
}

const refusing =
  (context: z.RefinementCtx): Refuse =>
  (code, path, message) =>
    context.addIssue({ code: 'custom', path: [path], message, params: { stripe: code } })

/** Parameters of `POST /v1/payment_intents`. */
export const createParams = z
  .strictObject({
    ...confirmation,
    ...description,
    amount: integer(1, Number.MAX_SAFE_INTEGER),
    currency,
    automatic_payment_methods: z.strictObject({ enabled: flag, allow_redirects: z.enum(['always', 'never']).default('always') }).optional(),
    capture_method: captureMethod.default('automatic_async'),
    confirm: flag.default(false),
    confirmation_method: z.literal('automatic', { error: 'Only automatic confirmation is supported.' }).optional(),
    customer: text(255).optional(),
    expand,
    metadata: metadata.default({}),
  })
  .superRefine((given, context) => {
    const refuse = refusing(context)
    checkAmount(given, refuse)
    checkMethod(given, refuse)
    if (given.automatic_payment_methods && given.payment_method_types) {
      refuse('parameters_exclusive', 'payment_method_types', 'Give either automatic_payment_methods or payment_method_types, not both.')
    }
    for (const name of ['return_url', 'off_session', 'error_on_requires_action'] as const) {
      if (!given.confirm && given[name] !== undefined) refuse('parameter_unknown', name, `${name} can only be given when confirm is true.`)
    }
  })
/** What `createParams` makes of them. */
export type CreateParams = z.infer<typeof createParams>

/** Parameters of `POST /v1/payment_intents/:id`. */
export const updateParams = z
  .strictObject({
    ...description,
    amount: integer(1, Number.MAX_SAFE_INTEGER).optional(),
    currency: currency.optional(),
    capture_method: captureMethod.optional(),
    customer: text(255).optional(),
    payment_method: confirmation.payment_method,
    payment_method_data: confirmation.payment_method_data,
    metadata: metadata.optional(),
    expand,
  })
  .superRefine((given, context) => {
    checkAmount(given, refusing(context))
    checkMethod(given, refusing(context))
  })

/** Parameters of `POST /v1/payment_intents/:id/confirm`. */
export const confirmParams = z
  .strictObject({ ...confirmation, capture_method: captureMethod.optional(), expand })
  .superRefine((given, context) => checkMethod(given, refusing(context)))

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

/** How to attempt the payment, from the parameters of a request that confirms. */
export const confirmationOf = (
  given: Omit<Pick<z.infer<typeof confirmParams>, keyof typeof confirmation>, 'payment_method_data'>,
  paymentMethod: string | undefined,
): Confirmation => ({
  paymentMethod,
  returnUrl: given.return_url,
  offSession: given.off_session,
  errorOnRequiresAction: given.error_on_requires_action,
})

/** A new intent, from the parameters of the request that creates it. */
export function newIntentOf(given: CreateParams, paymentMethod: string | undefined): NewIntent {
  // Without a choice of its own the intent takes whatever is switched on for the account, as Stripe does.
  const automatic = given.automatic_payment_methods ?? (given.payment_method_types ? null : { enabled: true, allow_redirects: 'always' })
  return {
    amount: given.amount,
    currency: given.currency,
    capture_method: given.capture_method,
    customer: given.customer ?? null,
    payment_method: paymentMethod ?? null,
    metadata: mergeMetadata({}, given.metadata),
    details: { automatic_payment_methods: automatic, ...undescribed, ...describe(given) },
  }
}

/** What an update changes of an intent. */
export function changeOf(given: z.infer<typeof updateParams>, paymentMethod: string | undefined, { metadata: texts, details }: Intent) {
  const { amount, currency: code, capture_method, customer } = given
  const change = { amount, currency: code, capture_method, customer, payment_method: paymentMethod }
  return {
    ...(Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as IntentChange),
    metadata: mergeMetadata(texts, given.metadata),
    details: { ...details, ...describe(given) },
  }
}

const undescribed = {
  description: null,
  payment_method_types: ['card'],
  receipt_email: null,
  setup_future_usage: null,
  shipping: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  transfer_group: null,
}

const describe = (given: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.keys(undescribed).flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])))
