import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { carryOut, type Gateway } from './exchange.ts'
import { parseParams } from './params.ts'
import { completeAuthentication } from './payment-intent.ts'
import { effectOf } from './payment-intents.ts'
import { invalidRequest, StripeError } from './stripe-error.ts'

const resultParams = z.strictObject({ result: z.enum(['succeeded', 'failed'], { error: 'Invalid result: must be succeeded or failed' }) })
const faultBody = z.strictObject({
  /** How many of the next POSTs fail. */
  count: z.int().min(1).max(1_000).default(1),
  status: z.int().min(500).max(599).default(500),
  /** Only this operation, such as `payment_intents.capture`; any when it is not given. */
  operation: z
    .enum(['payment_intents.create', 'payment_intents.confirm', 'payment_intents.capture', 'payment_intents.cancel', 'refunds.create'])
    .nullable()
    .default(null),
  /** Whether the POST takes effect although its answer says that it failed. */
  effect: z.boolean().default(true),
})

/** Adds what Stripe does not have: a test decides how 3-D Secure ends, and which requests fail. */
export function addControl(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  app.post('/__mock/3ds/:id', async (c) => {
    const form = { result: c.req.query('result') ?? '' }
    const { result } = parseParams(resultParams, form)
    const request = { operation: '3ds', form, target: { intent: c.req.param('id'), param: 'intent' } }
    return carryOut(c, gateway, request, (payment, surroundings, requestId) => {
      const { failure, ...decision } = completeAuthentication(payment, result, surroundings)
      // A card that is declined after its owner authenticated is no failure of this request.
      return effectOf(failure?.type === 'invalid_request_error' ? { ...decision, failure } : decision, [], requestId)
    })
  })

  app.post('/__mock/fail-next', async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined)
    const fault = faultBody.safeParse(body)
    if (!fault.success) throw new StripeError(invalidRequest(`The body must be JSON: ${z.prettifyError(fault.error)}`))
    await gateway.store.orderFault(fault.data)
    return c.json(fault.data)
  })
}
