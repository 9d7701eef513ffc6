import type { Context } from 'hono'
import { fingerprint } from '#shared/idempotency/idempotency.ts'
import type { AppEnv } from '#shared/http/app-env.ts'
import { decodeForm, type Form } from './form.ts'
import { idAt, newSecret } from './ids.ts'
import { countOutcome } from './outcome.ts'
import type { Payment, Surroundings } from './payment-intent.ts'
import { errorBody, type Failure, invalidRequest, missingResource, StripeError } from './stripe-error.ts'
import type { Effect, Entry, PaymentStore, StoredAnswer, Target } from './store.ts'

/** A request of Stripe's API. */
export type GatewayContext = Context<AppEnv>
/** What the routes are made of. */
export type Gateway = { readonly store: PaymentStore; readonly now: () => Date }

/** What a POST does to a payment: pure, so that it can be decided again when another request came first. */
export type Decide<Read extends Payment | null> = (payment: Read, surroundings: Surroundings, requestId: string) => Effect

/** Which POST it is: the name under which a test can make it fail, its parameters, and the payment to change (`null`: a new one). */
export type Request<T extends Target | null> = { readonly operation: string; readonly form: Form; readonly target: T }

/** A competitor that always wins is a queue that is too long for one request. */
const MAX_TRIES = 5

const failed: Failure = { status: 500, type: 'api_error', message: 'An unknown error occurred.' }
const inUse: Failure = {
  status: 409,
  type: 'idempotency_error',
  code: 'idempotency_key_in_use',
  message: 'There is currently another in-progress request using this Idempotency Key. Please try again later.',
}
const lockTimeout: Failure = {
  status: 429,
  type: 'invalid_request_error',
  code: 'lock_timeout',
  message: 'This object cannot be accessed right now because another API request is currently accessing it.',
}

/** The id under which a request can be found, in Stripe's form; the log has it without the prefix and with dashes. */
export const requestIdOf = (c: GatewayContext): string => `req_${c.var.requestId.replaceAll('-', '')}`

/** The parameters in the body of a POST. */
export async function bodyForm(c: GatewayContext): Promise<Form> {
  const text = await c.req.text()
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (text !== '' && type !== 'application/x-www-form-urlencoded') {
    throw new StripeError(invalidRequest('Invalid request (check that your POST content type is application/x-www-form-urlencoded).'))
  }
  return decodeForm(text)
}

/** The parameters in the query of a GET. */
export const queryForm = (c: GatewayContext): Form => decodeForm(new URL(c.req.url).search)

/**
 * Carries out a POST once per idempotency key: the effect and the answer are committed together, and whoever comes again
 * with the key gets that answer, failures included. `decide` is given the payment that `target` names, or `null` to make one.
 */
export async function carryOut<T extends Target | null>(
  c: GatewayContext,
  { store, now }: Gateway,
  { operation, form, target }: Request<T>,
  decide: Decide<T extends Target ? Payment : null>,
): Promise<Response> {
  const requestId = requestIdOf(c)
  const entry: Entry = {
    key: keyOf(c),
    fingerprint: fingerprint([c.req.path, form]),
    requestId,
    operation,
    ifFailed: errorBody(failed, requestId),
  }
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    // A new payment depends on nothing, so the first try need not look: a known key refuses it.
    const { answer, payment } = target || tries > 0 ? await store.find(entry.key, target) : { answer: null, payment: null }
    if (answer) return replay(answer, entry)
    if (target && !payment) throw new StripeError(missing(target))
    const effect = decide(payment as T extends Target ? Payment : null, surroundingsOf(c, now()), requestId)
    const saved = await store.save(entry, payment, effect)
    if (saved === 'busy') throw new StripeError(inUse)
    if (saved !== 'moved') {
      countOutcome(effect.outcome)
      return respond(saved)
    }
  }
  throw new StripeError(lockTimeout)
}

/** What decisions of this request take from outside. */
export const surroundingsOf = (c: GatewayContext, date: Date): Surroundings => ({
  now: Math.floor(date.getTime() / 1000),
  newId: (prefix) => idAt(prefix, date),
  newSecret,
  authenticationUrl: (id) => new URL(`/__mock/3ds/${id}`, c.req.url).href,
})

/** Every POST has a key: one that the caller does not give is good for this request only. */
function keyOf(c: GatewayContext): string {
  const given = c.req.header('idempotency-key')
  if (given === undefined) return `request-${requestIdOf(c)}`
  if (given.length >= 1 && given.length <= 255) return given
  throw new StripeError(invalidRequest('Idempotency keys must be 1 to 255 characters long.'))
}

function replay(answer: StoredAnswer, entry: Entry): Response {
  if (answer.fingerprint !== entry.fingerprint) {
    const message =
      'Keys for idempotent requests can only be used with the same endpoint and the same parameters they were first used with.'
    throw new StripeError({ status: 400, type: 'idempotency_error', message })
  }
  return respond(answer, { 'idempotent-replayed': 'true', 'original-request': answer.request_id })
}

/** To try again is of no use after a stored failure: the same answer would come. */
function respond({ status, body }: { status: number; body: string }, headers: Record<string, string> = {}): Response {
  const retry: Record<string, string> = status >= 500 ? { 'stripe-should-retry': 'false' } : {}
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...retry, ...headers } })
}

const missing = (target: Target): Failure =>
  'intent' in target
    ? missingResource('payment_intent', target.intent, target.param)
    : missingResource('charge', target.charge, target.param)
