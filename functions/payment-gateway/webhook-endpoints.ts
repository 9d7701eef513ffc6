import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { bodyForm, carryOut, type Gateway, queryForm } from './exchange.ts'
import { listParams, listView, pageOf } from './listing.ts'
import { expandable, flag, mergeMetadata, metadata, parseParams, text, unsettable } from './params.ts'
import { endpointBy, readFrom } from './source.ts'
import type { Outcome } from './exchange.ts'
import { endpointView, type WebhookEndpoint } from './webhook-endpoint.ts'

const PATH = '/v1/webhook_endpoints'

const eventNames = z
  .array(z.string().regex(/^(\*|[a-z0-9_]+(\.[a-z0-9_]+)+)$/, 'Not the name of an event, nor *.'))
  .min(1)
  .max(250)
const url = z.string().transform((value, context) => {
  const parsed = URL.parse(value)
  if (parsed && /^https?:$/.test(parsed.protocol) && value.length <= 2_000) return value
  context.addIssue({
    code: 'custom',
    message: 'Invalid URL: An explicit scheme (such as https) must be provided.',
    params: { stripe: 'url_invalid' },
  })
  return z.NEVER
})
const fields = { description: unsettable().optional(), metadata: metadata.optional(), expand: expandable() }
const createParams = z.strictObject({
  url,
  enabled_events: eventNames,
  api_version: text(50).optional(),
  connect: flag.optional(),
  ...fields,
})
const updateParams = z.strictObject({ url: url.optional(), enabled_events: eventNames.optional(), disabled: flag.optional(), ...fields })
const retrieveParams = z.strictObject({ expand: expandable() })
const listSchema = z.strictObject(listParams([])).omit({ created: true })

/** Adds the routes of webhook endpoints. */
export function addWebhookEndpoints(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const { store } = gateway

  app.post(PATH, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(createParams, form)
    return carryOut(c, gateway, { operation: 'webhook_endpoints.create', form, source: null }, (_, { now, newId, newSecret }) =>
      answered(
        {
          id: newId('we'),
          created: now,
          version: 0,
          url: given.url,
          secret: `whsec_${newSecret()}`,
          status: 'enabled',
          enabled_events: given.enabled_events,
          description: given.description ?? null,
          api_version: given.api_version ?? null,
          metadata: mergeMetadata({}, given.metadata),
        },
        { withSecret: true },
      ),
    )
  })

  app.get(PATH, async (c) => {
    const given = parseParams(listSchema, queryForm(c))
    const page = await pageOf(given, 'webhook_endpoint', async (id) => (await store.findEndpoint('', id)).object)
    return c.json(listView(await store.listEndpoints(page), given, PATH, (row) => endpointView(row)))
  })

  app.get(`${PATH}/:id`, async (c) => {
    parseParams(retrieveParams, queryForm(c))
    return c.json(endpointView(await readFrom(endpointBy(store, c.req.param('id')))))
  })

  app.post(`${PATH}/:id`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(updateParams, form)
    const source = endpointBy(store, c.req.param('id'))
    return carryOut(c, gateway, { operation: 'webhook_endpoints.update', form, source }, (read) =>
      answered({
        ...read,
        url: given.url ?? read.url,
        enabled_events: given.enabled_events ?? read.enabled_events,
        status: given.disabled === undefined ? read.status : given.disabled ? 'disabled' : 'enabled',
        description: given.description === undefined ? read.description : given.description,
        metadata: mergeMetadata(read.metadata, given.metadata),
      }),
    )
  })

  app.delete(`${PATH}/:id`, async (c) => {
    const { id } = await readFrom(endpointBy(store, c.req.param('id')))
    await store.deleteEndpoint(id)
    return c.json({ id, object: 'webhook_endpoint', deleted: true })
  })
}

const answered = (endpoint: WebhookEndpoint, options = { withSecret: false }): Outcome => ({
  endpoint,
  happenings: [],
  answer: { status: 200, body: JSON.stringify(endpointView(endpoint, options)) },
  outcome: null,
})
