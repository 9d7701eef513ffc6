import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { chargeView } from './charge.ts'
import { type Gateway, queryForm } from './exchange.ts'
import { expandEach, listParams, listView, pageOf } from './listing.ts'
import { expandable, parseParams, text } from './params.ts'
import { paymentIntentView } from './payment-intent-view.ts'
import type { ChargeRow } from './store-lists.ts'
import { missingResource, StripeError } from './stripe-error.ts'

const PATH = '/v1/charges'
const expandableOfCharge = ['payment_intent', 'customer'] as const
const retrieveParams = z.strictObject({ expand: expandable(...expandableOfCharge) })
const listSchema = z.strictObject({
  ...listParams(expandableOfCharge),
  payment_intent: text(255).optional(),
  customer: text(255).optional(),
})

/** Adds the routes of charges: they are made by confirming an intent and only read here. */
export function addCharges(app: OpenAPIHono<AppEnv>, { store }: Gateway): void {
  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const page = await pageOf(given, 'charge', async (id) => (await store.findCharge(id))?.charge)
    const rows = await store.listCharges(page, { intent: given.payment_intent, customer: given.customer })
    return c.json(listView(rows, given, PATH, (row) => expandedView(row, expandEach(given.expand))))
  })

  app.get(`${PATH}/:id`, async (c) => {
    const { expand } = parseParams(retrieveParams, queryForm(c))
    const row = await store.findCharge(c.req.param('id'))
    if (!row) throw new StripeError(missingResource('charge', c.req.param('id'), 'id'))
    return c.json(expandedView(row, expand))
  })
}

const expandedView = (row: ChargeRow, expand: readonly string[]) =>
  chargeView(row.charge, {
    intent: expand.includes('payment_intent') ? paymentIntentView(row) : undefined,
    customer: expand.includes('customer') ? row.customer : undefined,
  })
