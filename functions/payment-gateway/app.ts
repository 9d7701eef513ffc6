import { createHash, timingSafeEqual } from 'node:crypto'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '#shared/http/app-env.ts'
import { createApp } from '#shared/http/create-app.ts'
import type { Log } from '#shared/log/log.ts'
import { isUnavailable } from '#shared/pg/errors.ts'
import { Problem } from '#shared/problem/problem.ts'
import { addCharges } from './charges.ts'
import { addControl } from './control.ts'
import { type Gateway, requestIdOf } from './exchange.ts'
import { addPaymentIntents } from './payment-intents.ts'
import { addRefunds } from './refunds.ts'
import { errorBody, type Failure, invalidRequest, StripeError } from './stripe-error.ts'

const API_VERSION = '2026-10-28.endive'
const RETRYABLE = new Set([409, 429, 500, 503])

/** `key` is the API key callers must have; `control` opens the routes by which tests steer the gateway. */
export type GatewayDeps = Gateway & { readonly log: Log; readonly key: string; readonly control: boolean }

/** Stripe's API, as far as a shop needs it: payment intents, charges and refunds that keep their state. */
export function paymentGatewayApp({ log, key, control, ...gateway }: GatewayDeps): OpenAPIHono<AppEnv> {
  const app = createApp({ name: 'payment-gateway', log })
  app.use(describeAnswer)
  app.use('/v1/*', requireKey(key))
  addPaymentIntents(app, gateway)
  addRefunds(app, gateway)
  addCharges(app, gateway)
  if (control) addControl(app, gateway)

  app.notFound((c) => {
    const message = `Unrecognized request URL (${c.req.method}: ${c.req.path.slice(0, 200)}).`
    return new Response(errorBody({ ...invalidRequest(message), status: 404 }, requestIdOf(c)), { status: 404, headers: json })
  })
  app.onError((error, c) => {
    const failure = toFailure(error)
    if (failure.status >= 500) c.var.log.error({ err: error }, 'request failed')
    // Nothing is stored under the key of a request that ends here, so the same request can be tried again.
    const headers = new Headers(json)
    if (RETRYABLE.has(failure.status)) headers.set('stripe-should-retry', 'true')
    // The rest of a body that is too large is never read, so the connection cannot be used again.
    if (failure.status === 413) headers.set('connection', 'close')
    return new Response(errorBody(failure, requestIdOf(c)), { status: failure.status, headers })
  })
  return app
}

const json = { 'content-type': 'application/json' }

function toFailure(error: Error): Failure {
  if (error instanceof StripeError) return error.failure
  if (error instanceof Problem && error.type.status === 413) return { ...invalidRequest(error.message), status: 413 }
  if (isUnavailable(error)) return { status: 503, type: 'api_error', message: 'The service is temporarily unavailable.' }
  return { status: 500, type: 'api_error', message: 'An unknown error occurred.' }
}

/** The headers that Stripe's SDK reads from every answer. */
const describeAnswer: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  c.res.headers.set('request-id', requestIdOf(c))
  c.res.headers.set('stripe-version', c.req.header('stripe-version') ?? API_VERSION)
  const idempotencyKey = c.req.header('idempotency-key')
  if (idempotencyKey !== undefined) c.res.headers.set('idempotency-key', idempotencyKey)
}

/** Lets only requests with the API key through; it is given as a bearer token or as the user name of basic authentication. */
function requireKey(key: string): MiddlewareHandler<AppEnv> {
  const digest = (value: string) => createHash('sha256').update(value).digest()
  const expected = digest(key)
  return async (c, next) => {
    const given = keyIn(c.req.header('authorization') ?? '')
    if (given === undefined || given === '') throw new StripeError(unauthenticated('You did not provide an API key.'))
    if (!timingSafeEqual(digest(given), expected)) throw new StripeError(unauthenticated('Invalid API Key provided.'))
    await next()
  }
}

const unauthenticated = (message: string): Failure => ({ status: 401, type: 'invalid_request_error', message })

function keyIn(authorization: string): string | undefined {
  const [scheme, value = ''] = authorization.split(/ +/, 2)
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() === 'basic') return Buffer.from(value, 'base64').toString('utf8').split(':')[0]
  return undefined
}
