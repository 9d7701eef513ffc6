import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { type Customer, customerReference, customerView } from './customer.ts'
import { bodyForm, carryOut, type Gateway, type Outcome, queryForm } from './exchange.ts'
import { listParams, listView, pageOf } from './listing.ts'
import { expandable, mergeMetadata, metadata, parseParams, text, unsettable } from './params.ts'
import { address, shipping } from './payment-intent-params.ts'
import { savedMethodView } from './payment-method-view.ts'
import { customerBy, readFrom } from './source.ts'
import { missingResource, StripeError } from './stripe-error.ts'

const PATH = '/v1/customers'
const expand = expandable()
const params = z.strictObject({
  name: unsettable(256).optional(),
  email: unsettable(512).optional(),
  phone: unsettable(20).optional(),
  description: unsettable().optional(),
  address: address.optional(),
  shipping: shipping.optional(),
  metadata: metadata.optional(),
  expand,
})
const retrieveParams = z.strictObject({ expand })
const listSchema = z.strictObject({ ...listParams([]), email: text(512).optional() })
const methodsSchema = z.strictObject({ ...listParams([]), type: z.literal('card').optional() }).omit({ created: true })

/** Adds the routes of customers. */
export function addCustomers(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const { store } = gateway

  app.post(PATH, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(params, form)
    return carryOut(c, gateway, { operation: 'customers.create', form, source: null }, (_, { now, newId }) => {
      const blank = { id: newId('cus'), created: now, version: 0, deleted: false, email: null, metadata: {}, details: {} }
      return answered(withGiven(blank, given))
    })
  })

  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const page = await pageOf(given, 'customer', async (id) => (await store.findCustomer('', id)).object)
    return c.json(listView(await store.listCustomers(page, { email: given.email }), given, PATH, customerView))
  })

  app.get(`${PATH}/:id`, async (c) => {
    parseParams(retrieveParams, queryForm(c))
    const { object } = await store.findCustomer('', c.req.param('id'))
    if (!object) throw new StripeError(missingResource('customer', c.req.param('id'), 'id'))
    return c.json(customerReference(object))
  })

  app.get(`${PATH}/:id/payment_methods`, async (c) => {
    const given = parseParams(methodsSchema, queryForm(c))
    const { id } = await readFrom(customerBy(store, c.req.param('id'), 'customer'))
    const page = await pageOf(given, 'payment_method', async (method) => (await store.findMethod('', method)).object)
    return c.json(listView(await store.listMethods(page, { customer: id }), given, `${PATH}/${id}/payment_methods`, savedMethodView))
  })

  app.post(`${PATH}/:id`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(params, form)
    const source = customerBy(store, c.req.param('id'))
    return carryOut(c, gateway, { operation: 'customers.update', form, source }, (read) => answered(withGiven(read, given)))
  })

  app.delete(`${PATH}/:id`, async (c) => {
    const { id } = await readFrom(customerBy(store, c.req.param('id')))
    await store.deleteCustomer(id)
    return c.json({ id, object: 'customer', deleted: true })
  })
}

function withGiven(customer: Customer, given: z.infer<typeof params>): Customer {
  const { email, metadata: texts, name, phone, description, address: postal, shipping: goods } = given
  const details = { name, phone, description, address: postal, shipping: goods }
  return {
    ...customer,
    email: email === undefined ? customer.email : email,
    metadata: mergeMetadata(customer.metadata, texts),
    details: { ...customer.details, ...definedIn(details) },
  }
}

const definedIn = (details: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined))

const answered = (customer: Customer): Outcome => ({
  customer,
  happenings: [],
  answer: { status: 200, body: JSON.stringify(customerView(customer)) },
  outcome: null,
})
