import type { Context } from 'hono'
import { setTimeout as wait } from 'node:timers/promises'
import { fingerprint } from '#shared/idempotency/idempotency.ts'
import type { AppEnv } from '#shared/http/app-env.ts'
import { eventRows, type Happening } from './event.ts'
import { decodeForm, type Form } from './form.ts'
import { idAt, newSecret } from './ids.ts'
import { countOutcome } from './outcome.ts'
import type { Surroundings } from './payment-intent.ts'
import type { Source } from './source.ts'
import type { PaymentStore } from './store.ts'
import { type Control, untouched } from './store-control.ts'
import type { Effect, Entry, StoredAnswer } from './store-save.ts'
import { errorBody, type Failure, invalidRequest, StripeError } from './stripe-error.ts'

/** A request of Stripe's API. */
export type GatewayContext = Context<AppEnv>
/** What the routes are made of. */
export type Gateway = {
  readonly store: PaymentStore
  readonly now: () => Date
  /** Whether tests may steer the gateway. */
  readonly control: boolean
  /** Has events sent that were just committed; does not wait for it. */
  readonly kick: () => void
  /** Where customers reach the gateway's pages; where the API is reached, unless it is told. */
  readonly publicUrl?: string | undefined
}

/** What a POST leaves behind, and what happened to make it so. */
export type Outcome = Omit<Effect, 'events'> & { readonly happenings: readonly Happening[] }

/** What a POST does to what it reads: pure, so that it can be decided again when another request came first. */
export type Decide<Read> = (read: Read, surroundings: Surroundings, requestId: string) => Outcome

/** Which POST it is: the name under which a test can make it fail, its parameters, and what it changes (`null`: it makes something). */
export type Request<Read> = { readonly operation: string; readonly form: Form; readonly source: Source<Read> | null }

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
 * Carries out a POST once per idempotency key: the effect, its events and the answer are committed together, and whoever comes
 * again with the key gets that answer, failures included. `decide` is given what `source` reads, or `null` to make something.
 */
export async function carryOut<Read = null>(c: GatewayContext, gateway: Gateway, request: Request<Read>, decide: Decide<Read>) {
  const requestId = requestIdOf(c)
  const entry: Entry = {
    key: keyOf(c),
    givenKey: c.req.header('idempotency-key') ?? null,
    fingerprint: fingerprint([c.req.path, request.form]),
    requestId,
    operation: request.operation,
    ifFailed: errorBody(failed, requestId),
  }
  const control = await readControl(gateway)
  if (control.latency_before_ms > 0) await wait(control.latency_before_ms)
  const authenticationUrl = (id: string) => new URL(`/mock/3ds/${id}`, gateway.publicUrl ?? c.req.url).href
  const answer = await commit(gateway, entry, request.source, clockOf(gateway, control), (read, surroundings) =>
    decide(read, { ...surroundings, authenticationUrl }, requestId),
  )
  if (control.latency_after_ms > 0) await wait(control.latency_after_ms)
  return 'fingerprint' in answer ? replay(answer, entry) : respond(answer)
}

/** How tests steer the gateway, where they may. */
export const readControl = ({ control, store }: Gateway): Promise<Control> | Control => (control ? store.readControl() : untouched)

/** The gateway's time. */
export const clockOf = ({ now }: Gateway, { clock_offset_ms }: Control): Date => new Date(now().getTime() + clock_offset_ms)

/** Reads, decides and saves, again where another request came first. Gives the stored answer when the key has one. */
export async function commit<Read>(
  gateway: Gateway,
  entry: Entry,
  source: Source<Read> | null,
  date: Date,
  decide: (read: Read, surroundings: Surroundings) => Outcome | null,
): Promise<StoredAnswer | { status: number; body: string }> {
  const { store, kick } = gateway
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    // What is made depends on nothing, so the first try need not look: a known key refuses it.
    const { answer, read, guard } = source
      ? await source(entry.key)
      : { answer: tries > 0 ? await store.findAnswer(entry.key) : null, ...nobody }
    if (answer) return answer
    const outcome = decide(read as Read, surroundingsAt(date))
    if (!outcome) return nothing
    const { happenings, ...effect } = outcome
    const saved = await store.save(entry, guard, { ...effect, events: eventRows(happenings, date) }, date)
    if (saved === 'busy') throw new StripeError(inUse)
    if (saved !== 'moved') {
      if (effect.outcome) countOutcome(effect.outcome)
      if (saved.deliveries > 0) kick()
      return saved
    }
  }
  throw new StripeError(lockTimeout)
}

const nobody = { read: null, guard: null }
const nothing = { status: 200, body: '' }

/** What decisions take from outside. */
const surroundingsAt = (date: Date): Surroundings => ({
  now: Math.floor(date.getTime() / 1000),
  newId: (prefix) => idAt(prefix, date),
  newSecret,
  authenticationUrl: () => '',
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
