import type { Stripe } from 'stripe'
import { measureCall } from '#shared/http/measure-call.ts'
import { counter } from '#shared/telemetry/metrics.ts'
import { declined, type Failure, type Order } from './order.ts'

const outcomes = ['authorised', 'requires_action', 'declined', 'captured', 'cancelled', 'refunded', 'failed'] as const
const payments = counter('shop.payments', {
  description: 'Calls to the payment gateway by what came of them',
  unit: '{call}',
  zero: outcomes.map((outcome) => ({ outcome })),
})
const count = (outcome: (typeof outcomes)[number]) => payments.add(1, { outcome })

export type Intent = Stripe.PaymentIntent
type Payable = Pick<Order, 'id' | 'attempt' | 'paymentMethod' | 'currency' | 'paymentIntentId' | 'createdAt'>

/**
 * What came of an authorisation: an intent, whose status decides; a refusal of the request itself; or `lost`, when the
 * gateway keeps answering a stored failure to this attempt's key and there is no intent.
 */
export type Authorised = { readonly intent: Intent } | { readonly refused: Failure } | { readonly lost: true }

export type Payments = ReturnType<typeof paymentsBy>

const TIMEOUT_MS = 2_000
/** The first call may find a gateway that starts from zero. */
const FIRST_TIMEOUT_MS = 8_000
const MAX_PAGES = 50

/**
 * The official SDK, pointed at a gateway, and loaded when it is first asked for: it would take a tenth of a cold start. It does
 * not retry by itself: settling again is the recovery.
 */
export function stripeAt(url: string, key: string): () => Promise<Stripe> {
  let client: Promise<Stripe> | undefined
  return () => {
    client ??= openStripe(new URL(url), key)
    return client
  }
}

async function openStripe({ protocol, hostname, port }: URL, key: string): Promise<Stripe> {
  const { Stripe } = await import('stripe')
  const scheme = protocol === 'https:' ? 'https' : 'http'
  const httpClient = Stripe.createNodeHttpClient()
  const { makeRequest } = httpClient
  httpClient.makeRequest = (host, toPort, path, method, headers, ...rest) =>
    measureCall('payment-gateway', method, async (traceparent, answered) => {
      const response = await makeRequest.call(httpClient, host, toPort, path, method, { ...headers, traceparent }, ...rest)
      answered(response.getStatusCode())
      return response
    })
  return new Stripe(key, {
    protocol: scheme,
    host: hostname,
    port: port || (scheme === 'https' ? 443 : 80),
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient,
  })
}

/** The payment of an order, by Stripe's API. Every call is idempotent by the order's id. */
export function paymentsBy(stripe: () => Promise<Stripe>) {
  let answered = false
  const options = (idempotencyKey?: string): Stripe.RequestOptions => ({
    timeout: answered ? TIMEOUT_MS : FIRST_TIMEOUT_MS,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  })
  const heard = <T>(answer: T): T => {
    answered = true
    return answer
  }
  const intents = async () => (await stripe()).paymentIntents
  const authoriseKey = (order: Payable) => `order-${order.id}-authorise-${order.attempt}`
  const retrieve = async (id: string): Promise<Intent> => heard(await (await intents()).retrieve(id, {}, options()))

  /** The intent of an order, by its id or else by listing; several can only be there if all but one failed. */
  async function find(order: Payable): Promise<Intent | undefined> {
    if (order.paymentIntentId !== null) return retrieve(order.paymentIntentId)
    // The gateway's clock and ours may differ a little.
    const created = { gte: Math.floor(order.createdAt.getTime() / 1000) - 300 }
    let found: Intent | undefined
    let after: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const list = heard(await (await intents()).list({ limit: 100, created, ...(after ? { starting_after: after } : {}) }, options()))
      for (const intent of list.data) {
        if (intent.metadata['order_id'] === order.id && (found === undefined || holdsMoney(intent))) found = intent
      }
      after = list.data.at(-1)?.id
      if (found || !list.has_more || after === undefined) return found
    }
    throw new Error(`order ${order.id}: too many payment intents to look through`)
  }

  /** Authorises `amount`. The stored answer to a repeated key does not decide, the intent's status does. */
  async function authorise(order: Payable, amount: number): Promise<Authorised> {
    const { id, currency, paymentMethod } = order
    try {
      const intent = await (await intents()).create(
        {
          amount,
          currency: currency.toLowerCase(),
          payment_method: paymentMethod,
          confirm: true,
          capture_method: 'manual',
          metadata: { order_id: id },
        },
        options(authoriseKey(order)),
      )
      return { intent: isReplay(heard(intent).lastResponse.headers) ? await retrieve(intent.id) : intent }
    } catch (error) {
      if (!isStripeError(error)) throw error
      const named = error.payment_intent?.id
      const intent = named === undefined ? await find(order) : await retrieve(named)
      if (intent) return { intent }
      if (error.type === 'StripeIdempotencyError') return { lost: true }
      if (error.type === 'StripeInvalidRequestError') return { refused: declined(error.code ?? 'invalid_request', error.message) }
      if (isReplay(error.headers) && (error.statusCode ?? 0) >= 500) return { lost: true }
      throw error
    }
  }

  /**
   * Makes sure that an authorisation still under way, of a runner that lost its lease, comes to nothing: takes its key for
   * an intent that is never confirmed. Answers the intent there is, of whichever of the two came first.
   */
  async function claim(order: Payable): Promise<Intent | undefined> {
    const known = await find(order)
    if (known) return known
    try {
      const params = { amount: 100, currency: order.currency.toLowerCase(), metadata: { order_id: order.id } }
      return heard(await (await intents()).create(params, options(authoriseKey(order))))
    } catch (error) {
      // The key is taken by the authorisation, which has executed by now.
      if (isStripeError(error) && error.type === 'StripeIdempotencyError') return find(order)
      throw error
    }
  }

  /** Runs a change of an intent; where the intent has meanwhile moved on, its status is the answer. */
  async function change(intentId: string, run: () => Promise<Intent>): Promise<Intent> {
    try {
      await run()
    } catch (error) {
      if (!isStripeError(error) || error.type !== 'StripeInvalidRequestError') throw error
    }
    return retrieve(intentId)
  }

  return {
    find,
    authorise: async (order: Payable, amount: number): Promise<Authorised> => {
      const authorised = await authorise(order, amount)
      count(outcomeOf(authorised))
      return authorised
    },
    claim,
    capture: async (order: Payable, intentId: string): Promise<Intent> => {
      const intent = await change(intentId, async () => (await intents()).capture(intentId, {}, options(`order-${order.id}-capture`)))
      if (intent.status === 'succeeded') count('captured')
      return intent
    },
    cancel: async (order: Payable, intentId: string): Promise<Intent> => {
      const intent = await change(intentId, async () => (await intents()).cancel(intentId, {}, options(`order-${order.id}-cancel`)))
      if (intent.status === 'canceled') count('cancelled')
      return intent
    },
    /** Refunds all that was captured; true once the money is on its way back. */
    refund: async (order: Payable, intentId: string): Promise<boolean> => {
      const refund = heard(await (await stripe()).refunds.create({ payment_intent: intentId }, options(`order-${order.id}-refund`)))
      const refunded = refund.status === 'succeeded' || refund.status === 'pending'
      count(refunded ? 'refunded' : 'failed')
      return refunded
    },
  }
}

/** The SDK's errors tell their type, so that nobody needs their classes, and with them the SDK. */
const isStripeError = (error: unknown): error is Stripe.errors.StripeError =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' && error.type.startsWith('Stripe')

/** True while the gateway holds money for the order, authorised or taken. */
export const holdsMoney = ({ status }: Intent) => status === 'requires_capture' || status === 'succeeded'
const isReplay = (headers: Record<string, string> | undefined) => headers?.['idempotent-replayed'] === 'true'

function outcomeOf(authorised: Authorised): (typeof outcomes)[number] {
  if ('refused' in authorised) return 'declined'
  if ('lost' in authorised) return 'failed'
  const { status } = authorised.intent
  if (status === 'requires_action') return 'requires_action'
  return holdsMoney(authorised.intent) ? 'authorised' : 'declined'
}

/** Why an intent that wants another payment method was declined. */
export function declineOf({ last_payment_error: error }: Intent): Failure {
  return declined(error?.decline_code ?? error?.code ?? 'generic_decline', error?.message ?? 'The payment was declined')
}
