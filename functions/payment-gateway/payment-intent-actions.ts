import type { OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from '#shared/http/app-env.ts'
import { bodyForm, carryOut, type Gateway } from './exchange.ts'
import { mergeMetadata, parseParams } from './params.ts'
import { partiesOf } from './parties.ts'
import { capture, confirm, type Payment } from './payment-intent.ts'
import { cancel } from './payment-intent-changes.ts'
import { outcomeOf, target, withParties } from './payment-intent-outcome.ts'
import { cancelParams, captureParams, confirmationOf, confirmParams } from './payment-intent-params.ts'
import { paymentBy } from './source.ts'

/** Adds what is done to payment intents: confirm, capture and cancel. */
export function addIntentActions(app: OpenAPIHono<AppEnv>, gateway: Gateway, path: string): void {
  const source = (id: string) => paymentBy(gateway.store, target(id))

  app.post(`${path}/:id/confirm`, async (c) => {
    const form = await bodyForm(c)
    const { capture_method, ...given } = parseParams(confirmParams, form)
    const parties = await partiesOf(gateway.store, given)
    const request = { operation: 'payment_intents.confirm', form, source: source(c.req.param('id')) }
    return carryOut(c, gateway, request, (read, surroundings, requestId) => {
      const method = parties.method(surroundings)
      const before = withParties(read, null, method.saved)
      const changed = capture_method ? withIntent(before, { capture_method }) : before
      const decision = confirm(changed, confirmationOf(given, method.id), surroundings)
      return outcomeOf([before], decision, { expand: given.expand, requestId, made: method.made })
    })
  })

  app.post(`${path}/:id/capture`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(captureParams, form)
    const request = { operation: 'payment_intents.capture', form, source: source(c.req.param('id')) }
    return carryOut(c, gateway, request, (read, _, requestId) => {
      const decision = capture(read, given.amount_to_capture)
      const metadata = mergeMetadata(read.intent.metadata, given.metadata)
      return outcomeOf([read], decision.failure ? decision : withIntent(decision, { metadata }), { expand: given.expand, requestId })
    })
  })

  app.post(`${path}/:id/cancel`, async (c) => {
    const form = await bodyForm(c)
    const given = parseParams(cancelParams, form)
    const request = { operation: 'payment_intents.cancel', form, source: source(c.req.param('id')) }
    return carryOut(c, gateway, request, (read, surroundings, requestId) =>
      outcomeOf([read], cancel(read, given.cancellation_reason ?? null, surroundings), { expand: given.expand, requestId }),
    )
  })
}

const withIntent = <P extends Payment>(payment: P, change: Partial<Payment['intent']>): P => ({
  ...payment,
  intent: { ...payment.intent, ...change },
})
