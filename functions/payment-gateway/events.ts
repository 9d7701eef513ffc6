import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { eventView } from './event.ts'
import { type Gateway, queryForm } from './exchange.ts'
import { listParams, listView, pageOf } from './listing.ts'
import { expandable, parseParams, text } from './params.ts'
import { missingResource, StripeError } from './stripe-error.ts'

const PATH = '/v1/events'
const retrieveParams = z.strictObject({ expand: expandable() })
const listSchema = z
  .strictObject({ ...listParams([]), type: text(255).optional(), types: z.array(text(255)).min(1).max(20).optional() })
  .superRefine((given, context) => {
    if (given.type === undefined || given.types === undefined) return
    const message = 'Give either type or types, not both.'
    context.addIssue({ code: 'custom', path: ['types'], message, params: { stripe: 'parameters_exclusive' } })
  })

/** Adds the routes of events: they come of changes and are only read here. */
export function addEvents(app: OpenAPIHono<AppEnv>, { store }: Gateway): void {
  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const types = given.types ?? (given.type === undefined ? undefined : [given.type])
    const page = await pageOf(given, 'event', (id) => store.findEvent(id))
    const rows = await store.listEvents(page, { types: types && JSON.stringify(types) })
    return c.json(listView(rows, given, PATH, eventView))
  })

  app.get(`${PATH}/:id`, async (c) => {
    parseParams(retrieveParams, queryForm(c))
    const event = await store.findEvent(c.req.param('id'))
    if (!event) throw new StripeError(missingResource('event', c.req.param('id'), 'id'))
    return c.json(eventView(event))
  })
}
