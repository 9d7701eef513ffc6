import { expect, test } from 'vitest'
import { testCards } from './payment-method.ts'
import { chargeOf, errorOf, startGateway } from './testing.ts'

const card = { amount: 1999, currency: 'eur', payment_method: 'pm_card_visa' } as const

test('a payment is created, confirmed and read back with its charge', async () => {
  const { stripe } = await startGateway()
  const made = await stripe.paymentIntents.create({
    ...card,
    metadata: { order_id: 'o1' },
    description: 'Mug',
    shipping: { name: 'Ada', address: { city: 'Bonn' } },
  })
  expect(made).toMatchObject({ object: 'payment_intent', status: 'requires_confirmation', amount_received: 0, latest_charge: null })
  expect(made.client_secret).toMatch(new RegExp(`^${made.id}_secret_.{20,}`))

  const paid = await stripe.paymentIntents.confirm(made.id)
  expect(paid).toMatchObject({
    status: 'succeeded',
    amount_received: 1999,
    amount_capturable: 0,
    metadata: { order_id: 'o1' },
    description: 'Mug',
  })

  const read = await stripe.paymentIntents.retrieve(made.id, { expand: ['latest_charge', 'payment_method'] })
  expect(read).toMatchObject({
    shipping: { name: 'Ada', address: { city: 'Bonn' } },
    latest_charge: {
      id: paid.latest_charge,
      object: 'charge',
      status: 'succeeded',
      paid: true,
      captured: true,
      amount_captured: 1999,
      payment_intent: made.id,
    },
    payment_method: { id: 'pm_card_visa', object: 'payment_method', card: { brand: 'visa', last4: '4242' } },
  })
  expect(await stripe.charges.retrieve(chargeOf(paid))).toMatchObject({ amount: 1999, outcome: { type: 'authorized' } })
})

test('without a payment method an intent waits for one, and is confirmed with it', async () => {
  const { stripe } = await startGateway()
  const { id, status } = await stripe.paymentIntents.create({ amount: 500, currency: 'EUR' })
  expect(status).toBe('requires_payment_method')
  expect(await errorOf(stripe.paymentIntents.confirm(id))).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' })
  expect(await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_amex' })).toMatchObject({
    status: 'succeeded',
    currency: 'eur',
  })
})

test('each card that declines does so with its reason, and another card can pay', async () => {
  const { stripe } = await startGateway()
  const declining = testCards().flatMap(({ id, behaviour }) => (behaviour.kind === 'declines' ? [{ id, ...behaviour.failure }] : []))
  expect(declining.length).toBeGreaterThan(10)
  for (const { id, code, decline_code, message, blocked } of declining) {
    const error = await errorOf(stripe.paymentIntents.create({ ...card, payment_method: id, confirm: true }))
    expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code, message, payment_method: { id } })

    const intent = error.payment_intent?.id ?? ''
    expect(await stripe.paymentIntents.retrieve(intent, { expand: ['latest_charge'] })).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      last_payment_error: { type: 'card_error', code, decline_code, charge: error.charge, payment_method: { id } },
      latest_charge: {
        id: error.charge,
        status: 'failed',
        paid: false,
        failure_code: code,
        outcome: { type: blocked ? 'blocked' : 'issuer_declined' },
      },
    })
    const paid = await stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa' })
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null })
  }
})

test('each card that succeeds pays', async () => {
  const { stripe } = await startGateway()
  const succeeding = testCards().filter(({ behaviour }) => behaviour.kind === 'succeeds')
  expect(succeeding.length).toBeGreaterThan(9)
  for (const { id } of succeeding) {
    expect(await stripe.paymentIntents.create({ ...card, payment_method: id, confirm: true })).toMatchObject({
      status: 'succeeded',
      payment_method: id,
    })
  }
})

test('a card that needs 3-D Secure pays once its owner authenticated', async () => {
  const { stripe, request } = await startGateway({ control: true })
  const waiting = await stripe.paymentIntents.create({
    ...card,
    payment_method: 'pm_card_threeDSecure2Required',
    confirm: true,
    return_url: 'https://shop.example/done',
  })
  expect(waiting).toMatchObject({
    status: 'requires_action',
    latest_charge: null,
    next_action: { type: 'redirect_to_url', redirect_to_url: { return_url: 'https://shop.example/done' } },
  })
  expect(await (await request('POST', `/__mock/3ds/${waiting.id}?result=succeeded`)).json()).toMatchObject({
    status: 'succeeded',
    amount_received: 1999,
  })
  expect((await request('POST', `/__mock/3ds/${waiting.id}?result=succeeded`)).status).toBe(400)
})

test('3-D Secure that fails, or is followed by a decline, takes no money', async () => {
  const { stripe, request } = await startGateway({ control: true })
  const asked = { ...card, capture_method: 'manual', confirm: true } as const
  const failing = await stripe.paymentIntents.create({ ...asked, payment_method: 'pm_card_authenticationRequired' })
  expect(failing.next_action).toMatchObject({ type: 'use_stripe_sdk' })
  expect((await request('POST', `/__mock/3ds/${failing.id}?result=failed`)).status).toBe(200)
  expect(await stripe.paymentIntents.retrieve(failing.id)).toMatchObject({
    status: 'requires_payment_method',
    next_action: null,
    latest_charge: null,
    last_payment_error: { code: 'payment_intent_authentication_failure' },
  })

  const declining = await stripe.paymentIntents.create({ ...asked, payment_method: 'pm_card_threeDSecureRequiredChargeDeclined' })
  expect((await request('POST', `/__mock/3ds/${declining.id}?result=succeeded`)).status).toBe(200)
  expect(await stripe.paymentIntents.retrieve(declining.id, { expand: ['latest_charge'] })).toMatchObject({
    status: 'requires_payment_method',
    last_payment_error: { code: 'card_declined' },
    latest_charge: { status: 'failed' },
  })
})

test('a customer who is not there cannot authenticate, so the card is declined', async () => {
  const { stripe } = await startGateway()
  const absent = { ...card, payment_method: 'pm_card_authenticationRequired', confirm: true } as const
  for (const how of [{ off_session: true }, { error_on_requires_action: true }]) {
    const error = await errorOf(stripe.paymentIntents.create({ ...absent, ...how }))
    expect(error).toMatchObject({ statusCode: 402, code: 'authentication_required', decline_code: 'authentication_required' })
  }
})

test('what is authorised is captured later, whole or in part, once', async () => {
  const { stripe } = await startGateway()
  const authorise = () => stripe.paymentIntents.create({ ...card, capture_method: 'manual', confirm: true, expand: ['latest_charge'] })
  const whole = await authorise()
  expect(whole).toMatchObject({
    status: 'requires_capture',
    amount_capturable: 1999,
    amount_received: 0,
    latest_charge: { captured: false, amount_captured: 0 },
  })
  expect(await stripe.paymentIntents.capture(whole.id)).toMatchObject({ status: 'succeeded', amount_received: 1999, amount_capturable: 0 })
  expect(await errorOf(stripe.paymentIntents.capture(whole.id))).toMatchObject({
    statusCode: 400,
    code: 'payment_intent_unexpected_state',
    payment_intent: { id: whole.id, status: 'succeeded' },
  })

  const part = await authorise()
  const tooMuch = await errorOf(stripe.paymentIntents.capture(part.id, { amount_to_capture: 2000 }))
  expect(tooMuch).toMatchObject({ statusCode: 400, code: 'amount_too_large', param: 'amount_to_capture' })
  const captured = await stripe.paymentIntents.capture(part.id, {
    amount_to_capture: 1500,
    metadata: { parcel: '1' },
    expand: ['latest_charge'],
  })
  expect(captured).toMatchObject({
    status: 'succeeded',
    amount: 1999,
    amount_received: 1500,
    metadata: { parcel: '1' },
    latest_charge: { captured: true, amount_captured: 1500, refunded: false },
  })
})

test('an intent that took no money can be cancelled, one that did cannot', async () => {
  const { stripe, request } = await startGateway({ control: true })
  const held = await stripe.paymentIntents.create({ ...card, capture_method: 'manual', confirm: true })
  const waiting = await stripe.paymentIntents.create({ ...card, payment_method: 'pm_card_threeDSecure2Required', confirm: true })
  const fresh = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' })
  for (const { id } of [held, waiting, fresh]) {
    const cancelled = await stripe.paymentIntents.cancel(id, { cancellation_reason: 'requested_by_customer' })
    expect(cancelled).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'requested_by_customer',
      amount_capturable: 0,
      next_action: null,
    })
    expect(cancelled.canceled_at).toBeTypeOf('number')
    expect(await errorOf(stripe.paymentIntents.cancel(id))).toMatchObject({ code: 'payment_intent_unexpected_state' })
    expect(await errorOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' }))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    })
  }
  expect(await stripe.charges.retrieve(chargeOf(held))).toMatchObject({ captured: false, refunded: true, amount_captured: 0 })
  expect((await request('POST', `/__mock/3ds/${waiting.id}?result=succeeded`)).status).toBe(400)

  const paid = await stripe.paymentIntents.create({ ...card, confirm: true })
  expect(await errorOf(stripe.paymentIntents.cancel(paid.id))).toMatchObject({
    code: 'payment_intent_unexpected_state',
    payment_intent: { status: 'succeeded' },
  })
})

test('payments are listed newest first, page by page, and found by their metadata', async () => {
  const { stripe, clock } = await startGateway()
  const made: string[] = []
  for (let index = 0; index < 5; index++) {
    const { id } = await stripe.paymentIntents.create({ ...card, confirm: true, metadata: { order_id: `o${index % 2}` } })
    made.unshift(id)
    clock.offsetMs += 60_000
  }
  const listed: string[] = []
  for await (const intent of stripe.paymentIntents.list({ limit: 2 })) listed.push(intent.id)
  expect(listed).toEqual(made)

  const { data } = await stripe.paymentIntents.list({ limit: 100, expand: ['data.latest_charge'] })
  expect(data[0]?.latest_charge).toMatchObject({ object: 'charge' })
  const third = data[2]?.created ?? 0
  const since = await stripe.paymentIntents.list({ created: { gte: third } })
  expect(since.data.map(({ id }) => id)).toEqual(made.slice(0, 3))
  const before = await stripe.paymentIntents.list({ created: { lt: third } })
  expect(before.data.map(({ id }) => id)).toEqual(made.slice(3))

  const query = "metadata['order_id']:'o0'"
  const found = await stripe.paymentIntents.search({ query, limit: 2 })
  expect([found.data.map(({ id }) => id), found.has_more]).toEqual([[made[0], made[2]], true])
  const rest = await stripe.paymentIntents.search({ query, limit: 2, page: found.next_page ?? '' })
  expect([rest.data.map(({ id }) => id), rest.has_more]).toEqual([[made[4]], false])
})
