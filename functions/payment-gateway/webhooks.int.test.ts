import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { until } from '#shared/testing/until.ts'
import { errorOf, key, startGateway } from './testing.ts'
import { startEndpoint, typesOf } from './testing-endpoint.ts'

const card = { amount: 1999, currency: 'eur', payment_method: 'pm_card_visa', confirm: true } as const
const held = { ...card, capture_method: 'manual' } as const
const hooks = new Stripe(key).webhooks

test('an endpoint is made, changed, listed and removed, and tells its secret once', async () => {
  const { stripe } = await startGateway()
  const made = await stripe.webhookEndpoints.create({ url: 'https://shop.example/hooks', enabled_events: ['*'], description: 'Shop' })
  expect(made).toMatchObject({ object: 'webhook_endpoint', status: 'enabled', enabled_events: ['*'], url: 'https://shop.example/hooks' })
  expect(made.secret).toMatch(/^whsec_.{20,}$/)
  const changed = await stripe.webhookEndpoints.update(made.id, { disabled: true, enabled_events: ['charge.failed'], metadata: { a: 'b' } })
  expect(changed).toMatchObject({ status: 'disabled', enabled_events: ['charge.failed'], metadata: { a: 'b' }, description: 'Shop' })
  expect(changed).not.toHaveProperty('secret')
  const { secret: _, ...shown } = made
  expect(await stripe.webhookEndpoints.retrieve(made.id)).toEqual({
    ...shown,
    status: 'disabled',
    enabled_events: ['charge.failed'],
    metadata: { a: 'b' },
  })
  expect((await stripe.webhookEndpoints.list()).data).toHaveLength(1)
  expect(await stripe.webhookEndpoints.del(made.id)).toEqual({ id: made.id, object: 'webhook_endpoint', deleted: true })
  expect((await stripe.webhookEndpoints.list()).data).toEqual([])
  expect(await errorOf(stripe.webhookEndpoints.retrieve(made.id))).toMatchObject({ statusCode: 404, code: 'resource_missing' })
  const wrong = await errorOf(stripe.webhookEndpoints.create({ url: 'shop.example', enabled_events: ['*'] }))
  expect(wrong).toMatchObject({ statusCode: 400, code: 'url_invalid', param: 'url' })
})

test('a webhook is signed so that constructEvent accepts it, and refuses it when it was changed, is old, or has another secret', async () => {
  const { stripe } = await startGateway()
  const { url, arrived } = await startEndpoint()
  const { secret = '' } = await stripe.webhookEndpoints.create({ url, enabled_events: ['payment_intent.succeeded'] })
  const payment = await stripe.paymentIntents.create(card, { idempotencyKey: 'order-1' })
  await until('the webhook arrives', () => arrived.length === 1)

  const [{ body, headers, event } = never()] = arrived
  const signature = headers['stripe-signature'] ?? ''
  expect(hooks.constructEvent(body, signature, secret)).toEqual(event)
  expect(event).toMatchObject({
    object: 'event',
    type: 'payment_intent.succeeded',
    livemode: false,
    data: { object: { id: payment.id, object: 'payment_intent', status: 'succeeded', amount_received: 1999 } },
    request: { id: payment.lastResponse.requestId, idempotency_key: 'order-1' },
  })
  expect(headers).toMatchObject({ 'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)' })
  expect(() => hooks.constructEvent(body.replace('1999', '1'), signature, secret)).toThrow(Stripe.errors.StripeSignatureVerificationError)
  expect(() => hooks.constructEvent(body, signature, 'whsec_other')).toThrow(Stripe.errors.StripeSignatureVerificationError)
  const later = Date.now() + 301_000
  expect(() => hooks.constructEvent(body, signature, secret, 300, undefined, later)).toThrow('Timestamp outside the tolerance zone')
})

test('every change tells of itself, with what was different before', async () => {
  const { stripe } = await startGateway({ control: true })
  const typesAfter = async (change: () => Promise<{ lastResponse: { requestId: string } }>) => {
    const { lastResponse } = await change()
    const { data } = await stripe.events.list({ limit: 100 })
    return data
      .filter(({ request }) => request?.id === lastResponse.requestId)
      .map(({ type }) => type)
      .toReversed()
  }
  const { id } = await stripe.paymentIntents.create(held)
  expect((await stripe.events.list()).data.map(({ type }) => type)).toEqual([
    'payment_intent.amount_capturable_updated',
    'charge.succeeded',
    'payment_intent.created',
  ])
  expect(await typesAfter(() => stripe.paymentIntents.capture(id, { amount_to_capture: 1000 }))).toEqual([
    'charge.captured',
    'payment_intent.succeeded',
  ])
  expect(await typesAfter(() => stripe.refunds.create({ payment_intent: id, amount: 400 }))).toEqual(['charge.refunded', 'refund.created'])
  const [refunded] = (await stripe.events.list({ type: 'charge.refunded' })).data
  expect(refunded?.data).toMatchObject({ object: { amount_refunded: 400 }, previous_attributes: { amount_refunded: 0 } })
  expect(Object.keys(refunded?.data.previous_attributes ?? {})).toEqual(['amount_refunded'])

  const cancelled = await stripe.paymentIntents.create(held)
  expect(await typesAfter(() => stripe.paymentIntents.cancel(cancelled.id))).toEqual(['charge.refunded', 'payment_intent.canceled'])
  const open = await stripe.paymentIntents.create({ ...card, confirm: false })
  expect(await typesAfter(() => stripe.paymentIntents.confirm(open.id, { payment_method: 'pm_card_threeDSecure2Required' }))).toEqual([
    'payment_intent.requires_action',
  ])
  await errorOf(stripe.paymentIntents.confirm(open.id, { payment_method: 'pm_card_chargeDeclined' }))
  expect((await stripe.events.list({ types: ['charge.failed', 'payment_intent.payment_failed'] })).data.map(({ type }) => type)).toEqual([
    'payment_intent.payment_failed',
    'charge.failed',
  ])
  const customer = await stripe.customers.create()
  expect(await typesAfter(() => stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id }))).toEqual([
    'payment_method.attached',
  ])
})

test('an endpoint gets the events it wants and no others, each by its id as often as it is sent', async () => {
  const { stripe } = await startGateway({ control: true })
  const [all, some, none] = [await startEndpoint(), await startEndpoint(), await startEndpoint()]
  await stripe.webhookEndpoints.create({ url: all.url, enabled_events: ['*'] })
  await stripe.webhookEndpoints.create({ url: some.url, enabled_events: ['charge.succeeded', 'charge.captured'] })
  const off = await stripe.webhookEndpoints.create({ url: none.url, enabled_events: ['*'] })
  await stripe.webhookEndpoints.update(off.id, { disabled: true })
  await stripe.paymentIntents.create(card)
  await until('all webhooks arrive', () => all.arrived.length === 3 && some.arrived.length === 1)
  expect(typesOf(all.arrived)).toEqual(['charge.succeeded', 'payment_intent.created', 'payment_intent.succeeded'])
  expect(typesOf(some.arrived)).toEqual(['charge.succeeded'])
  expect(none.arrived).toEqual([])
  const [{ event } = never()] = some.arrived
  const read = await stripe.events.retrieve(event.id)
  expect(read.data).toEqual(event.data)
  await until('nothing is on its way', async () => (await stripe.events.retrieve(event.id)).pending_webhooks === 0)
})

test('a webhook that is not taken comes again, signed anew, until it is or the schedule ends', async () => {
  const { stripe, sql } = await startGateway({ retriesMs: [20, 20] })
  const picky = await startEndpoint((_, index) => (index === 0 ? 500 : index === 1 ? 302 : 200))
  await stripe.webhookEndpoints.create({ url: picky.url, enabled_events: ['payment_intent.created'] })
  const deaf = await startEndpoint(() => 410)
  await stripe.webhookEndpoints.create({ url: deaf.url, enabled_events: ['payment_intent.created'] })
  await stripe.paymentIntents.create(card)
  await until('the last attempts are made', async () => (await sql`select from deliveries where status = 'pending'`).length === 0)
  expect([picky.arrived.length, deaf.arrived.length]).toEqual([3, 3])
  expect(new Set(picky.arrived.map(({ event }) => event.id)).size).toBe(1)
  expect(await sql`select status, attempts, last_failure from deliveries order by id`).toEqual([
    { status: 'delivered', attempts: 3, last_failure: null },
    { status: 'failed', attempts: 3, last_failure: 'answered 410' },
  ])
})

test('what a gateway could not deliver before it ended, another one delivers', async () => {
  const first = await startGateway({ control: true })
  const { url, arrived } = await startEndpoint()
  await first.stripe.webhookEndpoints.create({ url, enabled_events: ['*'] })
  await first.request('POST', '/__mock/control', { body: '{"hold":true}' })
  await first.stripe.paymentIntents.create(card)
  await first.stop()
  expect(arrived).toEqual([])
  await first.sql`update controls set hold = false`
  // An attempt was under way when its process was killed.
  await first.sql`update deliveries set attempts = 1, due_at = now() - interval '1 second' where id = (select min(id) from deliveries)`

  const second = await startGateway({ control: true, database: first.database })
  const deliver = async (token: string) => second.request('POST', '/internal/deliver', { headers: { authorization: `Bearer ${token}` } })
  expect((await deliver(key)).status).toBe(401)
  expect((await deliver(await second.identity.serviceToken('orders', 'payment-gateway'))).status).toBe(401)
  const answer = await deliver(await second.identity.serviceToken('order-sweeper', 'payment-gateway'))
  expect([answer.status, await answer.json()]).toEqual([200, { attempts: 3, refunds: 0, expired: 0 }])
  expect(typesOf(arrived)).toEqual(['charge.succeeded', 'payment_intent.created', 'payment_intent.succeeded'])
})

function never(): never {
  throw new Error('a webhook arrived')
}
