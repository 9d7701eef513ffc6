import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { doDueWork } from './due-work.ts'
import { carryOut, clockOf, type Gateway, type GatewayContext, readControl } from './exchange.ts'
import { parseParams } from './params.ts'
import { completeAuthentication } from './payment-intent.ts'
import { outcomeOf, target } from './payment-intent-outcome.ts'
import { paymentBy } from './source.ts'
import { invalidRequest, missingResource, StripeError } from './stripe-error.ts'

const resultParams = z.strictObject({ result: z.enum(['succeeded', 'failed'], { error: 'Invalid result: must be succeeded or failed' }) })
const paymentOperations = [
  'payment_intents.create',
  'payment_intents.update',
  'payment_intents.confirm',
  'payment_intents.capture',
] as const
const refundOperations = ['payment_intents.cancel', 'refunds.create', 'refunds.update', 'refunds.cancel'] as const
const customerOperations = ['customers.create', 'customers.update', 'webhook_endpoints.create', 'webhook_endpoints.update'] as const
const cardOperations = ['payment_methods.create', 'payment_methods.update', 'payment_methods.attach', 'payment_methods.detach'] as const
const operations = [...paymentOperations, ...refundOperations, ...customerOperations, ...cardOperations] as const
const faultBody = z.strictObject({
  /** How many of the next POSTs fail. */
  count: z.int().min(1).max(1_000).default(1),
  status: z.int().min(500).max(599).default(500),
  /** Only this operation, such as `payment_intents.capture`; any when it is not given. */
  operation: z.enum(operations).nullable().default(null),
  /** Whether the POST takes effect although its answer says that it failed. */
  effect: z.boolean().default(true),
})
const latency = z.int().min(0).max(60_000).optional()
const count = z.int().min(0).max(100_000).optional()
const controlBody = z.strictObject({
  latency_before_ms: latency,
  latency_after_ms: latency,
  hold: z.boolean().optional(),
  reorder: z.boolean().optional(),
  delay_ms: z.int().min(0).max(86_400_000).optional(),
  drop_next: count,
  duplicate_next: count,
})
/** Time only goes on, as what has happened by then cannot be undone. */
const clockBody = z.strictObject({
  advance_seconds: z
    .int()
    .min(0)
    .max(366 * 86_400),
})
const redeliverBody = z.strictObject({ webhook_endpoint: z.string().max(255).nullable().default(null) })

/** Adds what Stripe does not have, by which tests steer the gateway; everything is told in JSON. */
export function addControl(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const { store, kick } = gateway
  const state = async () => {
    const control = await readControl(gateway)
    return { ...control, now: Math.floor(clockOf(gateway, control).getTime() / 1000) }
  }

  app.post('/__mock/3ds/:id', (c) => finishAuthentication(c, gateway, c.req.param('id'), c.req.query('result') ?? ''))

  app.post('/__mock/fail-next', async (c) => {
    const fault = await jsonBody(c, faultBody)
    await store.orderFault(fault)
    return c.json(fault)
  })

  app.get('/__mock/control', async (c) => c.json(await state()))

  app.post('/__mock/control', async (c) => {
    await store.writeControl(await jsonBody(c, controlBody))
    kick()
    return c.json(await state())
  })

  app.post('/__mock/clock', async (c) => {
    const { advance_seconds } = await jsonBody(c, clockBody)
    const { clock_offset_ms } = await readControl(gateway)
    await store.writeControl({ clock_offset_ms: clock_offset_ms + advance_seconds * 1000 })
    await doDueWork(gateway)
    kick()
    return c.json(await state())
  })

  app.post('/__mock/events/:id/redeliver', async (c) => {
    const { webhook_endpoint } = await jsonBody(c, redeliverBody, {})
    const event = await store.findEvent(c.req.param('id'))
    if (!event) throw new StripeError(missingResource('event', c.req.param('id'), 'id'))
    const deliveries = await store.redeliver(event.id, webhook_endpoint, clockOf(gateway, await readControl(gateway)))
    kick()
    return c.json({ event: event.id, deliveries })
  })

  app.post('/__mock/reset', async (c) => {
    await store.reset()
    return c.json({ reset: true })
  })
}

/** The customer has authenticated, or failed to, and the payment goes on from there. */
export function finishAuthentication(c: GatewayContext, gateway: Gateway, id: string, given: string): Promise<Response> {
  const form = { result: given }
  const { result } = parseParams(resultParams, form)
  const request = { operation: '3ds', form, source: paymentBy(gateway.store, target(id)) }
  return carryOut(c, gateway, request, (read, surroundings, requestId) => {
    const { failure, ...decision } = completeAuthentication(read, result, surroundings)
    // A card that is declined after its owner authenticated is no failure of this request.
    const made = failure?.type === 'invalid_request_error' ? { ...decision, failure } : decision
    return outcomeOf([read], made, { expand: [], requestId })
  })
}

/** The JSON of a request to the control plane; `otherwise` when there is none. */
async function jsonBody<T extends z.ZodType>(c: GatewayContext, schema: T, otherwise?: unknown): Promise<z.infer<T>> {
  const text = await c.req.text()
  const result = schema.safeParse(text === '' ? otherwise : parse(text))
  if (!result.success) throw new StripeError(invalidRequest(`The body must be JSON: ${z.prettifyError(result.error)}`))
  return result.data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
