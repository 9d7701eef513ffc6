import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import type { Happening } from './event.ts'
import { bodyForm, carryOut, type Gateway, type Outcome, queryForm } from './exchange.ts'
import { listParams, listView, pageOf } from './listing.ts'
import { expandable, mergeMetadata, metadata, parseParams, text } from './params.ts'
import { cardOf, methodData, ownerOf, saveMethod } from './payment-method-params.ts'
import { findTestCard, isSaved } from './payment-method.ts'
import { paymentMethodView, type SavedMethod, savedMethodView } from './payment-method-view.ts'
import { customerBy, methodBy, readFrom } from './source.ts'
import { invalidRequest, missingResource, StripeError } from './stripe-error.ts'

const PATH = '/v1/payment_methods'
const expand = expandable()
const createParams = methodData.extend({ expand })
const updateParams = z.strictObject({ billing_details: methodData.shape.billing_details, metadata: metadata.optional(), expand })
const attachParams = z.strictObject({ customer: text(255), expand })
const bareParams = z.strictObject({ expand })
const listSchema = z
  .strictObject({ ...listParams([]), customer: text(255).optional(), type: z.literal('card').optional() })
  .omit({ created: true })

/** Adds the routes of payment methods: cards that callers save. */
export function addPaymentMethods(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const { store } = gateway

  app.post(PATH, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(createParams, form)
    const card = cardOf(given)
    return carryOut(c, gateway, { operation: 'payment_methods.create', form, source: null }, (_, surroundings) =>
      answered(saveMethod(card, given, surroundings)),
    )
  })

  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const page = await pageOf(given, 'payment_method', async (id) => (await store.findMethod('', id)).object)
    return c.json(listView(await store.listMethods(page, { customer: given.customer }), given, PATH, savedMethodView))
  })

  app.get(`${PATH}/:id`, async (c) => {
    parseParams(bareParams, queryForm(c))
    const id = c.req.param('id')
    const card = findTestCard(id)
    if (card && !isSaved(id)) return c.json(paymentMethodView(card, 0))
    return c.json(savedMethodView(await readFrom(methodBy(store, id))))
  })

  app.post(`${PATH}/:id`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(updateParams, form)
    return carryOut(c, gateway, { operation: 'payment_methods.update', form, source: methodBy(store, c.req.param('id')) }, (read) =>
      answered({
        ...read,
        metadata: mergeMetadata(read.metadata, given.metadata),
        details: { ...read.details, ...(given.billing_details && { billing_details: ownerOf(given) }) },
      }),
    )
  })

  app.post(`${PATH}/:id/attach`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(attachParams, form)
    await readFrom(customerBy(store, given.customer, 'customer'))
    const id = c.req.param('id')
    const card = isSaved(id) ? undefined : findTestCard(id)
    // Of a card that is always there a saved one is made: the card itself stays nobody's.
    if (card) {
      return carryOut(c, gateway, { operation: 'payment_methods.attach', form, source: null }, (_, surroundings) =>
        attached({ ...saveMethod(card, {}, surroundings), customer: given.customer }),
      )
    }
    return carryOut(c, gateway, { operation: 'payment_methods.attach', form, source: methodBy(store, id) }, (read) => {
      if (read.customer === null || read.customer === given.customer) return attached({ ...read, customer: given.customer })
      throw new StripeError(invalidRequest('The payment method you provided has already been attached to a customer.'))
    })
  })

  app.post(`${PATH}/:id/detach`, async (c) => {
    const form = await bodyForm(c)
    parseParams(bareParams, form)
    const id = c.req.param('id')
    if (!isSaved(id)) throw new StripeError({ ...missingResource('PaymentMethod', id, 'payment_method'), status: 400 })
    return carryOut(c, gateway, { operation: 'payment_methods.detach', form, source: methodBy(store, id) }, (read) => {
      if (read.customer === null) {
        const message = 'The payment method you provided is not attached to a customer so detachment is impossible.'
        throw new StripeError(invalidRequest(message))
      }
      const method = { ...read, customer: null }
      return answered(method, [{ type: 'payment_method.detached', object: savedMethodView(method), before: savedMethodView(read) }])
    })
  })
}

const attached = (method: SavedMethod) => answered(method, [{ type: 'payment_method.attached', object: savedMethodView(method) }])

const answered = (method: SavedMethod, happenings: readonly Happening[] = []): Outcome => ({
  method,
  happenings,
  answer: { status: 200, body: JSON.stringify(savedMethodView(method)) },
  outcome: null,
})
