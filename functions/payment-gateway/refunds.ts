import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { bodyForm, carryOut, type Gateway, queryForm } from './exchange.ts'
import { expandEach, listParams, listView, pageOf } from './listing.ts'
import { expandable, integer, mergeMetadata, metadata, parseParams, text } from './params.ts'
import { expandableOfRefund, refund, type RefundDecision, refundView } from './refund.ts'
import type { Effect, RefundRow } from './store.ts'
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
const retrieveParams = z.strictObject({ expand })
const listSchema = z.strictObject({ ...listParams(expandableOfRefund), payment_intent: text(255).optional(), charge: text(255).optional() })

/** Adds the routes of refunds. */
export function addRefunds(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const { store } = gateway

  app.post(PATH, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(createParams, form)
    const request = { operation: 'refunds.create', form, target: targetOf(given) }
    const wanted = { amount: given.amount, reason: given.reason ?? null, metadata: mergeMetadata({}, given.metadata) }
    return carryOut(c, gateway, request, (payment, surroundings, requestId) =>
      effectOf(refund(payment, wanted, surroundings), given.expand, requestId),
    )
  })

  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const page = await pageOf(given, 'refund', async (id) => (await store.findRefund(id))?.refund)
    const rows = await store.listRefunds(page, { intent: given.payment_intent, charge: given.charge })
    return c.json(listView(rows, given.limit, PATH, (row) => refundView(row.refund, expandEach(given.expand), row)))
  })

  app.get(`${PATH}/:id`, async (c) => {
    const { expand: names } = parseParams(retrieveParams, queryForm(c))
    const row: RefundRow | null = await store.findRefund(c.req.param('id'))
    if (!row) throw new StripeError(missingResource('refund', c.req.param('id'), 'id'))
    return c.json(refundView(row.refund, names, row))
  })
}

function targetOf({ payment_intent, charge }: { payment_intent?: string | undefined; charge?: string | undefined }) {
  if (payment_intent !== undefined) return { intent: payment_intent, param: 'payment_intent' }
  if (charge !== undefined) return { charge, param: 'charge' }
  const message = 'One of the following params should be provided for this request: payment_intent or charge.'
  throw new StripeError({ status: 400, type: 'invalid_request_error', code: 'parameter_missing', message })
}

function effectOf(decision: RefundDecision, expandNames: readonly string[], requestId: string): Effect {
  const { intent, charge, refund: made, failure } = decision
  const payment = { intent, charge }
  if (failure) return { payment, answer: { status: failure.status, body: errorBody(failure, requestId) }, outcome: 'refused' }
  const view = refundView(made, expandNames, charge ? { intent, charge } : undefined)
  return { payment, refund: made, answer: { status: 200, body: JSON.stringify(view) }, outcome: 'refunded' }
}
