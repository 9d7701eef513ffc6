import { expect, test } from 'vitest'
import { until } from '#shared/testing/until.ts'
import { errorOf, startGateway } from './testing.ts'
import { startEndpoint } from './testing-endpoint.ts'

const card = { amount: 1999, currency: 'eur', payment_method: 'pm_card_visa', confirm: true } as const
const inOrder = ['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded']

async function start() {
  const gateway = await startGateway({ control: true })
  const endpoint = await startEndpoint()
  const { id } = await gateway.stripe.webhookEndpoints.create({ url: endpoint.url, enabled_events: ['*'] })
  const order = async (path: string, body: unknown = {}) => {
    const answer = await gateway.request('POST', `/__mock/${path}`, { body: JSON.stringify(body), headers: { authorization: '' } })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  return { ...gateway, ...endpoint, endpointId: id, order }
}
const types = (arrived: Awaited<ReturnType<typeof start>>['arrived']) => arrived.map(({ event }) => event.type)

test('webhooks are held until they are let go, and then come newest first when they are reordered', async () => {
  const { stripe, arrived, order } = await start()
  await order('control', { hold: true, reorder: true })
  await stripe.paymentIntents.create(card)
  await stripe.events.list()
  expect(arrived).toEqual([])
  expect((await order('control', { hold: false })).body).toMatchObject({ hold: false, reorder: true })
  await until('they arrive', () => arrived.length === 3)
  expect(types(arrived)).toEqual(inOrder.toReversed())
})

test('a webhook gets lost until it is sent again, and another comes twice with one id', async () => {
  const { stripe, sql, arrived, order, endpointId } = await start()
  await order('control', { drop_next: 3 })
  await stripe.paymentIntents.create(card)
  await until('they are lost', async () => (await sql`select from deliveries where status = 'dropped'`).length === 3)
  expect(arrived).toEqual([])
  const [event] = (await stripe.events.list({ type: 'charge.succeeded' })).data
  await order('control', { duplicate_next: 1 })
  expect((await order(`events/${event?.id}/redeliver`, { webhook_endpoint: endpointId })).body).toEqual({ event: event?.id, deliveries: 1 })
  await until('it arrives twice', () => arrived.length === 2)
  expect(arrived.map(({ event: { id } }) => id)).toEqual([event?.id, event?.id])
  expect((await order('events/evt_none/redeliver')).status).toBe(404)
})

test('webhooks are delayed, by the clock of the gateway, which a test can put forward', async () => {
  const { stripe, arrived, order } = await start()
  await order('control', { delay_ms: 3_600_000 })
  const { created } = await stripe.paymentIntents.create(card)
  await stripe.events.list()
  expect(arrived).toEqual([])
  await order('clock', { advance_seconds: 3_601 })
  await until('they arrive', () => arrived.length === 3)
  expect((await stripe.paymentIntents.create(card)).created).toBeGreaterThanOrEqual(created + 3_601)
})

test('a request waits before its effect, or after it: a caller that gave up finds it done', async () => {
  const { stripe, order } = await start()
  await order('control', { latency_after_ms: 60_000 })
  const given = stripe.paymentIntents.create(card, { idempotencyKey: 'order-1', timeout: 100 })
  expect(await errorOf(given)).toMatchObject({ type: 'StripeConnectionError' })
  await until('it is done', async () => (await stripe.charges.list()).data.length === 1)
  await order('control', { latency_after_ms: 0, latency_before_ms: 60_000 })
  expect(await errorOf(stripe.paymentIntents.create(card, { timeout: 100 }))).toMatchObject({ type: 'StripeConnectionError' })
  await order('control', { latency_before_ms: 0 })
  const again = await stripe.paymentIntents.create(card, { idempotencyKey: 'order-1' })
  expect((await stripe.charges.list()).data.map(({ id }) => id)).toEqual([again.latest_charge])
})

test('an authorisation runs out after seven days, and a bank says later what becomes of a refund', async () => {
  const { stripe, arrived, order } = await start()
  const held = await stripe.paymentIntents.create({ ...card, capture_method: 'manual' })
  const pending = await stripe.paymentIntents.create({ ...card, payment_method: 'pm_card_pendingRefund' })
  const failing = await stripe.paymentIntents.create({ ...card, payment_method: 'pm_card_refundFail' })
  const waits = await stripe.refunds.create({ payment_intent: pending.id })
  const fails = await stripe.refunds.create({ payment_intent: failing.id })
  const gone = await stripe.refunds.create({
    payment_intent: (await stripe.paymentIntents.create({ ...card, payment_method: 'pm_card_pendingRefund' })).id,
  })
  expect([waits.status, fails.status, gone.status]).toEqual(['pending', 'succeeded', 'pending'])
  expect(await stripe.refunds.cancel(gone.id)).toMatchObject({ status: 'canceled' })
  await order('clock', { advance_seconds: 7 * 86_400 - 60 })
  expect(await stripe.paymentIntents.retrieve(held.id)).toMatchObject({ status: 'requires_capture' })
  await order('clock', { advance_seconds: 120 })
  expect(await stripe.paymentIntents.retrieve(held.id, { expand: ['latest_charge'] })).toMatchObject({
    status: 'canceled',
    cancellation_reason: 'automatic',
    latest_charge: { refunded: true, captured: false },
  })
  expect(await stripe.refunds.retrieve(waits.id)).toMatchObject({ status: 'succeeded' })
  expect(await stripe.refunds.retrieve(fails.id, { expand: ['charge'] })).toMatchObject({
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
    charge: { amount_refunded: 0, refunded: false },
  })
  await until('it is told', () =>
    ['charge.expired', 'refund.failed', 'charge.refund.updated'].every((type) => types(arrived).includes(type as never)),
  )
  const told = arrived.find(({ event }) => event.type === 'refund.failed')?.event
  expect(told).toMatchObject({ request: { id: null, idempotency_key: null }, data: { previous_attributes: { status: 'succeeded' } } })
})

test('a person clicks on the page of the bank, and is sent back to the shop', async () => {
  const { stripe } = await start()
  for (const [result, status] of [
    ['succeeded', 'succeeded'],
    ['failed', 'requires_payment_method'],
  ] as const) {
    const waiting = await stripe.paymentIntents.create({
      ...card,
      payment_method: 'pm_card_threeDSecure2Required',
      return_url: 'https://shop.example/done?order=1',
    })
    const url = waiting.next_action?.redirect_to_url?.url ?? ''
    expect(await (await fetch(url)).text()).toContain('€19.99')
    const clicked = await fetch(url, { method: 'POST', body: new URLSearchParams({ result }), redirect: 'manual' })
    expect(clicked.status).toBe(303)
    const back = new URL(clicked.headers.get('location') ?? '')
    expect([back.origin, Object.fromEntries(back.searchParams)]).toEqual([
      'https://shop.example',
      { order: '1', payment_intent: waiting.id, payment_intent_client_secret: waiting.client_secret, redirect_status: result },
    ])
    expect(await stripe.paymentIntents.retrieve(waiting.id)).toMatchObject({ status })
    expect((await fetch(url, { method: 'POST', body: new URLSearchParams({ result }) })).status).toBe(200)
  }
})

test('a reset forgets everything', async () => {
  const { stripe, order } = await start()
  await order('control', { hold: true, drop_next: 5 })
  await stripe.customers.create({ email: 'ada@example.com' })
  await stripe.paymentIntents.create(card)
  await order('reset')
  for (const list of [stripe.paymentIntents.list(), stripe.customers.list(), stripe.events.list(), stripe.webhookEndpoints.list()]) {
    expect((await list).data).toEqual([])
  }
  expect((await order('control', {})).body).toMatchObject({ hold: false, drop_next: 0 })
})

test('without the control plane nobody can steer', async () => {
  const { request } = await startGateway()
  for (const path of ['/__mock/control', '/__mock/clock', '/__mock/reset', '/__mock/fail-next', '/__mock/3ds/pi_1', '/mock/3ds/pi_1']) {
    expect((await request('POST', path, { body: '{}' })).status).toBe(404)
  }
  expect((await request('GET', '/mock/3ds/pi_1')).status).toBe(404)
})
