import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { paymentHappenings } from './event.ts'
import { bodyForm, carryOut, type Gateway, type Outcome, queryForm } from './exchange.ts'
import { expandEach, listParams, listView, pageOf } from './listing.ts'
import { expandable, integer, mergeMetadata, metadata, parseParams, text } from './params.ts'
import type { Payment } from './payment-intent.ts'
import { cancelRefund, type Refund, refund, type RefundDecision, refundHappenings } from './refund.ts'
import { expandableOfRefund, refundView } from './refund-view.ts'
import { paymentBy } from './source.ts'
import type { Found } from './store-save.ts'
import { errorBody, missingResource, StripeError } from './stripe-error.ts'

const PATH = '/v1/refunds'
const expand = expandable(...expandableOfRefund)

const createParams = z
  .strictObject({
    payment_intent: text(255).optional(),
    charge: text(255).optional(),
    amount: integer(1, Number.MAX_SAFE_INTEGER).optional(),
    reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
    metadata: metadata.default({}),
    expand,
  })
  .superRefine((given, context) => {
    if (given.payment_intent !== undefined && given.charge !== undefined) {
      const message = 'Give either payment_intent or charge, not both.'
      context.addIssue({ code: 'custom', path: ['charge'], message, params: { stripe: 'parameters_exclusive' } })
    }
  })
const updateParams = z.strictObject({ metadata: metadata.optional(), expand })
const cancelParams = z.strictObject({ expand })
const listSchema = z.strictObject({ ...listParams(expandableOfRefund), payment_intent: text(255).optional(), charge: text(255).optional() })

/** Adds the routes of refunds. */
export function addRefunds(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const { store } = gateway
  const find = async (id: string) => (await store.find('', { refund: id, param: 'id' })).payment
  const byId = (id: string) => paymentBy(store, { refund: id, param: 'id' })

  app.post(PATH, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(createParams, form)
    const request = { operation: 'refunds.create', form, source: paymentBy(store, targetOf(given)) }
    const wanted = { amount: given.amount, reason: given.reason ?? null, metadata: mergeMetadata({}, given.metadata) }
    return carryOut(c, gateway, request, (payment, surroundings, requestId) =>
      outcomeOf(payment, null, refund(payment, wanted, surroundings), given.expand, requestId),
    )
  })

  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const page = await pageOf(given, 'refund', async (id) => (await find(id))?.refund)
    const rows = await store.listRefunds(page, { intent: given.payment_intent, charge: given.charge })
    return c.json(listView(rows, given, PATH, (row) => refundView(row.refund, expandEach(given.expand), row)))
  })

  app.get(`${PATH}/:id`, async (c) => {
    const given = parseParams(cancelParams, queryForm(c))
    const row = await find(c.req.param('id'))
    if (!row?.refund) throw new StripeError(missingResource('refund', c.req.param('id'), 'id'))
    return c.json(viewOf(row.refund, row, given.expand))
  })

  app.post(`${PATH}/:id`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(updateParams, form)
    return carryOut(c, gateway, { operation: 'refunds.update', form, source: byId(c.req.param('id')) }, (read, _, requestId) => {
      const old = refundIn(read)
      const made = { ...old, metadata: mergeMetadata(old.metadata, given.metadata) }
      return outcomeOf(read, old, { ...read, refund: made }, given.expand, requestId)
    })
  })

  app.post(`${PATH}/:id/cancel`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(cancelParams, form)
    return carryOut(c, gateway, { operation: 'refunds.cancel', form, source: byId(c.req.param('id')) }, (read, _, requestId) => {
      const old = refundIn(read)
      return outcomeOf(read, old, cancelRefund({ ...read, refund: old }), given.expand, requestId)
    })
  })
}

function targetOf({ payment_intent, charge }: { payment_intent?: string | undefined; charge?: string | undefined }) {
  if (payment_intent !== undefined) return { intent: payment_intent, param: 'payment_intent' }
  if (charge !== undefined) return { charge, param: 'charge' }
  const message = 'One of the following params should be provided for this request: payment_intent or charge.'
  throw new StripeError({ status: 400, type: 'invalid_request_error', code: 'parameter_missing', message })
}

function refundIn({ refund: found }: Found): Refund {
  if (!found) throw new Error('The payment was looked for by a refund')
  return found
}

const viewOf = (made: Refund, { intent, charge, customer }: Payment, names: readonly string[]) =>
  refundView(made, names, charge ? { intent, charge, customer: customer ?? null } : undefined)

function outcomeOf(before: Payment, old: Refund | null, decision: RefundDecision, names: readonly string[], requestId: string): Outcome {
  const { intent, charge, refund: made, failure } = decision
  const payment = { intent, charge }
  if (failure) {
    return { payment, happenings: [], answer: { status: failure.status, body: errorBody(failure, requestId) }, outcome: 'refused' }
  }
  const view = viewOf(made, { ...before, ...payment }, names)
  return {
    payment,
    refund: made,
    happenings: [...paymentHappenings(before, payment), ...refundHappenings(old, made)],
    answer: { status: 200, body: JSON.stringify(view) },
    outcome: old ? null : 'refunded',
  }
}
