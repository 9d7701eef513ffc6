import { expect, test } from 'vitest'
import { errorOf, startGateway } from './testing.ts'

test('a customer is kept, changed, found by e-mail address, paid for by, and deleted', async () => {
  const { stripe } = await startGateway()
  const made = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com', metadata: { account: 'a1' } })
  await stripe.customers.create({ email: 'grace@example.com' })
  expect(await stripe.customers.update(made.id, { phone: '123', metadata: { account: '', plan: 'p' } })).toMatchObject({
    name: 'Ada',
    phone: '123',
    metadata: { plan: 'p' },
  })
  expect((await stripe.customers.list({ email: 'ada@example.com' })).data.map(({ id }) => id)).toEqual([made.id])
  const paid = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'eur',
    customer: made.id,
    payment_method: 'pm_card_visa',
    confirm: true,
    expand: ['customer', 'latest_charge'],
  })
  expect(paid).toMatchObject({ customer: { id: made.id, name: 'Ada' }, latest_charge: { customer: made.id } })
  expect((await stripe.paymentIntents.list({ customer: made.id })).data.map(({ id }) => id)).toEqual([paid.id])
  expect((await stripe.charges.list({ customer: made.id, expand: ['data.customer'] })).data).toMatchObject([{ customer: { name: 'Ada' } }])

  expect(await stripe.customers.del(made.id)).toEqual({ id: made.id, object: 'customer', deleted: true })
  expect(await stripe.customers.retrieve(made.id)).toEqual({ id: made.id, object: 'customer', deleted: true })
  expect(await stripe.customers.list()).toMatchObject({ data: [{ email: 'grace@example.com' }] })
  expect(await errorOf(stripe.customers.update(made.id, { name: 'A' }))).toMatchObject({ statusCode: 404 })
  expect(await errorOf(stripe.paymentIntents.create({ amount: 500, currency: 'eur', customer: made.id }))).toMatchObject({
    code: 'resource_missing',
    param: 'customer',
  })
})

test('a card is saved by its number or by a token, attached to one customer, charged by its id, and detached', async () => {
  const { stripe } = await startGateway()
  const [ada, grace] = [await stripe.customers.create({ name: 'Ada' }), await stripe.customers.create({ name: 'Grace' })]
  const saved = await stripe.paymentMethods.create({
    type: 'card',
    card: { number: '5555 5555 5555 4444', exp_month: 3, exp_year: 2031, cvc: '123' },
    billing_details: { name: 'Ada', address: { city: 'Bonn' } },
  })
  expect(saved).toMatchObject({
    customer: null,
    card: { brand: 'mastercard', last4: '4444', exp_month: 3, exp_year: 2031 },
    billing_details: { name: 'Ada', email: null, address: { city: 'Bonn', line1: null } },
  })
  expect(await stripe.paymentMethods.attach(saved.id, { customer: ada.id })).toMatchObject({ id: saved.id, customer: ada.id })
  expect(await errorOf(stripe.paymentMethods.attach(saved.id, { customer: grace.id }))).toMatchObject({ statusCode: 400 })
  const declining = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: ada.id })
  expect(declining.id).not.toBe('pm_card_chargeCustomerFail')
  const listed = await stripe.customers.listPaymentMethods(ada.id)
  expect(listed.data.map(({ id }) => id).toSorted()).toEqual([saved.id, declining.id].toSorted())

  const pay = { amount: 500, currency: 'eur', customer: ada.id, confirm: true, expand: ['payment_method'] }
  expect(await stripe.paymentIntents.create({ ...pay, payment_method: saved.id })).toMatchObject({
    status: 'succeeded',
    payment_method: { id: saved.id, customer: ada.id, billing_details: { name: 'Ada' } },
  })
  expect(await errorOf(stripe.paymentIntents.create({ ...pay, payment_method: declining.id }))).toMatchObject({ code: 'card_declined' })
  expect(await stripe.paymentMethods.detach(saved.id)).toMatchObject({ customer: null })
  expect(await errorOf(stripe.paymentMethods.detach(saved.id))).toMatchObject({ statusCode: 400 })
  expect((await stripe.paymentMethods.list({ customer: ada.id })).data.map(({ id }) => id)).toEqual([declining.id])
  const unknown = `${saved.id.slice(0, -5)}x4444`
  expect(await errorOf(stripe.paymentIntents.create({ ...pay, payment_method: unknown }))).toMatchObject({ statusCode: 404 })
})

test('a payment takes a card by its number, and an unknown number is no card', async () => {
  const { stripe } = await startGateway()
  const pay = (number: string) =>
    stripe.paymentIntents.create({
      amount: 500,
      currency: 'eur',
      confirm: true,
      // The SDK types no numbers, as they should not pass a shop's server.
      payment_method_data: { type: 'card', card: { number, exp_month: 1, exp_year: 2031 } } as never,
    })
  const paid = await pay('4242424242424242')
  const { payment_method: card } = paid
  if (typeof card !== 'string') throw new Error('the intent has no card, or a whole one')
  expect(await stripe.paymentMethods.retrieve(card)).toMatchObject({ card: { last4: '4242' } })
  expect(await errorOf(pay('4000000000009995'))).toMatchObject({ code: 'card_declined', decline_code: 'insufficient_funds' })
  expect(await errorOf(pay('4242424242424241'))).toMatchObject({ statusCode: 402, code: 'incorrect_number' })
})

test('an intent is changed until it has taken money, and described after', async () => {
  const { stripe } = await startGateway()
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'eur', description: 'Mug' })
  expect(await stripe.paymentIntents.update(id, { amount: 700, metadata: { order_id: 'o1' } })).toMatchObject({
    amount: 700,
    description: 'Mug',
    status: 'requires_payment_method',
    metadata: { order_id: 'o1' },
  })
  expect(await stripe.paymentIntents.update(id, { payment_method: 'pm_card_visa' })).toMatchObject({ status: 'requires_confirmation' })
  expect(await stripe.paymentIntents.confirm(id)).toMatchObject({ status: 'succeeded', amount_received: 700 })
  expect(await errorOf(stripe.paymentIntents.update(id, { amount: 800 }))).toMatchObject({ code: 'payment_intent_unexpected_state' })
  expect(await stripe.paymentIntents.update(id, { description: 'Two mugs' })).toMatchObject({ description: 'Two mugs', amount: 700 })
  expect(await stripe.balance.retrieve()).toMatchObject({ available: [{ amount: 700, currency: 'eur' }] })
})
