import Stripe from 'stripe'
import { onTestFinished } from 'vitest'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { freshDatabase, type TestDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { listenOnTestPort } from '#shared/testing/serve.ts'
import { paymentGatewayApp } from './app.ts'
import { openDeliverer } from './deliverer.ts'
import { paymentStore } from './store.ts'

/** The API key of the gateways that tests start. */
export const key = 'sk_test_of_the_gateway'

type GatewayOptions = { control?: boolean; database?: TestDatabase; retriesMs?: readonly number[] }

/** A gateway on a real socket with a database of its own (or that of `database`), and the official SDK pointed at it. */
export async function startGateway({ control = false, database, retriesMs = [20, 20, 20] }: GatewayOptions = {}) {
  const known = database ?? (await freshDatabase('payments'))
  const { url, sql } = known
  const pg = openPg(url, { name: 'payment-gateway', max: 8 })
  const store = paymentStore(pg, { control })
  const clock = { offsetMs: 0 }
  const now = () => new Date(Date.now() + clock.offsetMs)
  const log = createLog('payment-gateway', 'silent')
  const stopping = new AbortController()
  const gateway = { store, control, now }
  const deliverer = openDeliverer({ gateway, log, retriesMs, stopping: stopping.signal })
  const identity = testIdentity()
  const app = paymentGatewayApp({ ...gateway, log, key, jwks: identity.jwks, deliverer })
  const listener = await listenOnTestPort(serveHttp(app, pg.ready))
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= listener.close(0).then(end))
  const end = async () => {
    stopping.abort()
    await deliverer.close()
    await pg.close()
  }
  onTestFinished(stop)

  const base = `http://127.0.0.1:${listener.port}`
  const stripe = new Stripe(key, { host: '127.0.0.1', port: listener.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
  /** A bare request with the API key; a text body is sent as a form. */
  const request = (method: string, path: string, { body, headers = {} }: { body?: string; headers?: Record<string, string> } = {}) =>
    fetch(base + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    })
  return { stripe, store, sql, request, stop, port: listener.port, clock, database: known, identity }
}

/** The id of an intent's latest charge. */
export function chargeOf({ latest_charge }: Stripe.PaymentIntent): string {
  if (typeof latest_charge !== 'string') throw new Error('The intent has no charge, or a whole one')
  return latest_charge
}

/** The error a promise is rejected with; a promise that is kept is the test's failure. */
export async function errorOf(promise: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error: unknown = await promise.then(
    (value) => {
      throw new Error(`Expected a refusal, not ${JSON.stringify(value)}`)
    },
    (reason: unknown) => reason,
  )
  if (error instanceof Stripe.errors.StripeError) return error
  throw error
}
