import { createHash, timingSafeEqual } from 'node:crypto'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { Jwks } from '#shared/auth/jwks.ts'
import type { AppEnv } from '#shared/http/app-env.ts'
import { createApp } from '#shared/http/create-app.ts'
import type { Log } from '#shared/log/log.ts'
import { isUnavailable } from '#shared/pg/errors.ts'
import { Problem } from '#shared/problem/problem.ts'
import { API_VERSION } from './api-version.ts'
import { addAuthenticationPage } from './authentication-page.ts'
import { addBalance } from './balance.ts'
import { addCharges } from './charges.ts'
import { addControl } from './control.ts'
import { addCustomers } from './customers.ts'
import type { Deliverer } from './deliverer.ts'
import { doDueWork } from './due-work.ts'
import { addEvents } from './events.ts'
import { type Gateway, requestIdOf } from './exchange.ts'
import { addPaymentIntents } from './payment-intents.ts'
import { addPaymentMethods } from './payment-methods.ts'
import { addRefunds } from './refunds.ts'
import { deliverDue } from './routes.ts'
import { errorBody, type Failure, invalidRequest, StripeError } from './stripe-error.ts'
import { addWebhookEndpoints } from './webhook-endpoints.ts'

const RETRYABLE = new Set([409, 429, 500, 503])

/** `key` is the API key callers must have; `control` opens the routes by which tests steer the gateway. */
export type GatewayDeps = Omit<Gateway, 'kick'> & {
  readonly log: Log
  readonly key: string
  readonly jwks?: Jwks
  readonly deliverer: Pick<Deliverer, 'kick' | 'deliver'>
}

/** Stripe's API, as far as a shop needs it, with objects that keep their state and webhooks that tell of it. */
export function paymentGatewayApp({ log, key, jwks, deliverer, ...rest }: GatewayDeps): OpenAPIHono<AppEnv> {
  const app = createApp({ name: 'payment-gateway', log, ...(jwks && { jwks }) })
  const gateway: Gateway = { ...rest, kick: deliverer.kick }
  app.use(describeAnswer)
  app.use('/v1/*', requireKey(key))
  for (const add of resources) add(app, gateway)
  if (gateway.control) {
    addControl(app, gateway)
    addAuthenticationPage(app, gateway)
  }
  app.openapi(deliverDue, async (c) => {
    const done = await doDueWork(gateway)
    return c.json({ attempts: await deliverer.deliver(), ...done }, 200)
  })

  app.notFound((c) => {
    const message = `Unrecognized request URL (${c.req.method}: ${c.req.path.slice(0, 200)}).`
    return new Response(errorBody({ ...invalidRequest(message), status: 404 }, requestIdOf(c)), { status: 404, headers: json })
  })
  app.onError((error, c) => {
    // Who calls from inside the shop reads problems, as everywhere in it.
    if (error instanceof Problem && c.req.path.startsWith('/internal/')) return error.toResponse(c.var.requestId)
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

const resources = [addPaymentIntents, addRefunds, addCharges, addCustomers, addPaymentMethods, addEvents, addWebhookEndpoints, addBalance]
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
