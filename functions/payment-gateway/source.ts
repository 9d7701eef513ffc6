import type { Customer } from './customer.ts'
import type { SavedMethod } from './payment-method-view.ts'
import type { PaymentStore } from './store.ts'
import type { Found, Guard, StoredAnswer, Target } from './store-save.ts'
import { missingResource, StripeError } from './stripe-error.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

/**
 * Reads what a POST changes, what guards it, and the answer that its key has already; rejects when there is neither the object
 * nor an answer.
 */
export type Source<Read> = (key: string) => Promise<{ answer: StoredAnswer | null; read: Read; guard: Guard | null }>

type Versioned = { readonly id: string; readonly version: number }
const guardOf = (table: Guard['table'], { id, version }: Versioned): Guard => ({ table, id, version })

/** The payment that a parameter names by its intent or a charge or a refund of it. */
export const paymentBy =
  (store: PaymentStore, target: Target): Source<Found> =>
  async (key) => {
    const { answer, payment } = await store.find(key, target)
    // Whoever has an answer reads nothing else.
    if (answer) return { answer, read: payment as Found, guard: null }
    if (!payment) throw new StripeError(missing(target))
    return { answer, read: payment, guard: guardOf('payment_intents', payment.intent) }
  }

function missing(target: Target) {
  if ('intent' in target) return missingResource('payment_intent', target.intent, target.param)
  return 'charge' in target
    ? missingResource('charge', target.charge, target.param)
    : missingResource('refund', target.refund, target.param)
}

const objectBy =
  <T extends Versioned>(
    table: Guard['table'],
    find: (key: string) => Promise<{ answer: StoredAnswer | null; object: T | null }>,
    refusal: ReturnType<typeof missingResource>,
  ): Source<T> =>
  async (key) => {
    const { answer, object } = await find(key)
    if (answer) return { answer, read: object as T, guard: null }
    if (!object) throw new StripeError(refusal)
    return { answer, read: object, guard: guardOf(table, object) }
  }

/** The customer with this id, unless it is deleted. */
export const customerBy = (store: PaymentStore, id: string, param = 'id'): Source<Customer> =>
  objectBy(
    'customers',
    async (key) => {
      const { answer, object } = await store.findCustomer(key, id)
      return { answer, object: object?.deleted ? null : object }
    },
    missingResource('customer', id, param),
  )

/** The saved card with this id. */
export const methodBy = (store: PaymentStore, id: string, param = 'payment_method'): Source<SavedMethod> =>
  objectBy('payment_methods', (key) => store.findMethod(key, id), missingResource('PaymentMethod', id, param))

/** The webhook endpoint with this id. */
export const endpointBy = (store: PaymentStore, id: string): Source<WebhookEndpoint> =>
  objectBy('webhook_endpoints', (key) => store.findEndpoint(key, id), missingResource('webhook_endpoint', id, 'webhook_endpoint'))

/** Reads what `source` names, for a request that only looks. */
export const readFrom = async <T>(source: Source<T>): Promise<T> => (await source('')).read
