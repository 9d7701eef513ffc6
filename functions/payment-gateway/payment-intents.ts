import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { bodyForm, carryOut, type Gateway, queryForm } from './exchange.ts'
import { addIntentActions } from './payment-intent-actions.ts'
import { outcomeOf, target, withParties } from './payment-intent-outcome.ts'
import { expandEach, listParams, listView, pageOf } from './listing.ts'
import { parseParams, text } from './params.ts'
import { confirm, newPayment } from './payment-intent.ts'
import { update } from './payment-intent-changes.ts'
import { changeOf, confirmationOf, createParams, newIntentOf, retrieveParams, updateParams } from './payment-intent-params.ts'
import { expandableOfIntent, paymentIntentView } from './payment-intent-view.ts'
import { partiesOf } from './parties.ts'
import { metadataOf } from './search-query.ts'
import { paymentBy, readFrom } from './source.ts'

const PATH = '/v1/payment_intents'
const listSchema = z.strictObject({ ...listParams(expandableOfIntent), customer: text(255).optional() })
const searchSchema = z
  .strictObject({ ...listParams(expandableOfIntent), query: text(), page: text(255).optional() })
  .omit({ starting_after: true, ending_before: true, created: true })

/** Adds the routes of payment intents. */
export function addPaymentIntents(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const { store } = gateway
  const find = async (id: string) => (await store.find('', { intent: id, param: 'intent' })).payment?.intent

  app.post(PATH, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(createParams, form)
    const parties = await partiesOf(store, given)
    return carryOut(c, gateway, { operation: 'payment_intents.create', form, source: null }, (_, surroundings, requestId) => {
      const method = parties.method(surroundings)
      const fresh = { ...newPayment(newIntentOf(given, method.id), surroundings), customer: parties.customer, method: method.saved }
      const decision = given.confirm ? confirm(fresh, confirmationOf(given, method.id), surroundings) : fresh
      return outcomeOf([null, fresh], decision, { expand: given.expand, requestId, made: method.made })
    })
  })

  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const rows = await store.listPayments(await pageOf(given, 'payment_intent', find), { customer: given.customer })
    return c.json(listView(rows, given, PATH, (row) => paymentIntentView(row, expandEach(given.expand))))
  })

  app.get(`${PATH}/search`, async (c) => {
    const { page, query, ...given } = parseParams(searchSchema, queryForm(c))
    const rows = await store.searchPayments(await pageOf({ ...given, starting_after: page }, 'payment_intent', find), metadataOf(query))
    const list = listView(rows, given, `${PATH}/search`, (row) => paymentIntentView(row, expandEach(given.expand)))
    return c.json({ ...list, object: 'search_result', next_page: list.has_more ? (list.data.at(-1)?.id ?? null) : null })
  })

  app.get(`${PATH}/:id`, async (c) => {
    const { expand } = parseParams(retrieveParams, queryForm(c))
    return c.json(paymentIntentView(await readFrom(paymentBy(store, target(c.req.param('id')))), expand))
  })

  app.post(`${PATH}/:id`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(updateParams, form)
    const parties = await partiesOf(store, given)
    const request = { operation: 'payment_intents.update', form, source: paymentBy(store, target(c.req.param('id'))) }
    return carryOut(c, gateway, request, (read, surroundings, requestId) => {
      const method = parties.method(surroundings)
      const decision = update(read, changeOf(given, method.id, read.intent))
      return outcomeOf([withParties(read, parties.customer, method.saved)], decision, {
        expand: given.expand,
        requestId,
        made: method.made,
      })
    })
  })

  addIntentActions(app, gateway, PATH)
}
