import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { bodyForm, carryOut, type Gateway, queryForm } from './exchange.ts'
import { expandEach, listParams, listView, pageOf } from './listing.ts'
import { outcomeOf } from './outcome.ts'
import { mergeMetadata, parseParams, text } from './params.ts'
import { cancel, capture, confirm, type Decision, newPayment, type Payment } from './payment-intent.ts'
import {
  cancelParams,
  captureParams,
  confirmationOf,
  confirmParams,
  createParams,
  newIntentOf,
  requireTestCard,
  retrieveParams,
} from './payment-intent-params.ts'
import { expandableOfIntent, methodView, paymentIntentView } from './payment-intent-view.ts'
import { metadataOf } from './search-query.ts'
import type { Effect } from './store.ts'
import { errorBody, missingResource, StripeError } from './stripe-error.ts'

const PATH = '/v1/payment_intents'
const listSchema = z.strictObject(listParams(expandableOfIntent))
const searchSchema = z
  .strictObject({ ...listParams(expandableOfIntent), query: text(), page: text(255).optional() })
  .omit({ starting_after: true, created: true })

/** Adds the routes of payment intents. */
export function addPaymentIntents(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const { store } = gateway
  const find = async (id: string) => (await store.find('', { intent: id, param: 'intent' })).payment

  app.post(PATH, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(createParams, form)
    requireTestCard(given.payment_method)
    return carryOut(c, gateway, { operation: 'payment_intents.create', form, target: null }, (_, surroundings, requestId) => {
      const payment = newPayment(newIntentOf(given), surroundings)
      return effectOf(given.confirm ? confirm(payment, confirmationOf(given), surroundings) : payment, given.expand, requestId)
    })
  })

  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const rows = await store.listPayments(await pageOf(given, 'payment_intent', async (id) => (await find(id))?.intent))
    return c.json(listView(rows, given.limit, PATH, (row) => paymentIntentView(row, expandEach(given.expand))))
  })

  app.get(`${PATH}/search`, async (c) => {
    const { page, query, ...given } = parseParams(searchSchema, queryForm(c))
    const metadata = metadataOf(query)
    const rows = await store.searchPayments(
      await pageOf({ ...given, starting_after: page }, 'payment_intent', async (id) => (await find(id))?.intent),
      metadata,
    )
    const list = listView(rows, given.limit, `${PATH}/search`, (row) => paymentIntentView(row, expandEach(given.expand)))
    return c.json({ ...list, object: 'search_result', next_page: list.has_more ? (list.data.at(-1)?.id ?? null) : null })
  })

  app.get(`${PATH}/:id`, async (c) => {
    const { expand } = parseParams(retrieveParams, queryForm(c))
    const payment = await find(c.req.param('id'))
    if (!payment) throw new StripeError(missingResource('payment_intent', c.req.param('id'), 'intent'))
    return c.json(paymentIntentView(payment, expand))
  })

  app.post(`${PATH}/:id/confirm`, async (c) => {
    const form = await bodyForm(c)
    const { capture_method, ...given } = parseParams(confirmParams, form)
    requireTestCard(given.payment_method)
    return carryOut(
      c,
      gateway,
      { operation: 'payment_intents.confirm', form, target: target(c.req.param('id')) },
      (payment, surroundings, requestId) => {
        const changed = capture_method ? withIntent(payment, { capture_method }) : payment
        return effectOf(confirm(changed, confirmationOf(given), surroundings), given.expand, requestId)
      },
    )
  })

  app.post(`${PATH}/:id/capture`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(captureParams, form)
    return carryOut(
      c,
      gateway,
      { operation: 'payment_intents.capture', form, target: target(c.req.param('id')) },
      (payment, _, requestId) => {
        const decision = capture(payment, given.amount_to_capture)
        const done = decision.failure
          ? decision
          : withIntent(decision, { metadata: mergeMetadata(payment.intent.metadata, given.metadata) })
        return effectOf(done, given.expand, requestId)
      },
    )
  })

  app.post(`${PATH}/:id/cancel`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(cancelParams, form)
    return carryOut(
      c,
      gateway,
      { operation: 'payment_intents.cancel', form, target: target(c.req.param('id')) },
      (payment, surroundings, requestId) =>
        effectOf(cancel(payment, given.cancellation_reason ?? null, surroundings), given.expand, requestId),
    )
  })
}

const target = (intent: string) => ({ intent, param: 'intent' })
const withIntent = <P extends Payment>(payment: P, change: Partial<Payment['intent']>): P => ({
  ...payment,
  intent: { ...payment.intent, ...change },
})

/** What a decision leaves behind: the payment, and the intent or the error about it as the answer. */
export function effectOf(decision: Decision, expand: readonly string[], requestId: string): Effect {
  const { intent, charge, failure } = decision
  const view = paymentIntentView(decision, failure ? [] : expand)
  const answer = failure
    ? { status: failure.status, body: errorBody(failure, requestId, { payment_intent: view, ...declinedMethod(decision) }) }
    : { status: 200, body: JSON.stringify(view) }
  return { payment: { intent, charge }, answer, outcome: outcomeOf(decision) }
}

const declinedMethod = ({ charge, failure }: Decision) =>
  failure?.type === 'card_error' && charge ? { payment_method: methodView(charge.payment_method, charge.created) } : {}
