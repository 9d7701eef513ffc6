import { expect, test } from 'vitest'
import { chargeOf, errorOf, startGateway } from './testing.ts'

const card = { amount: 1999, currency: 'eur', payment_method: 'pm_card_visa' } as const

test('a payment is refunded in parts until nothing is left, and never beyond', async () => {
  const { stripe } = await startGateway()
  const payment = await stripe.paymentIntents.create({ ...card, confirm: true })
  const { id } = payment
  const charge = chargeOf(payment)
  const first = await stripe.refunds.create({
    payment_intent: id,
    amount: 1000,
    reason: 'requested_by_customer',
    metadata: { return_id: 'r1' },
  })
  expect(first).toMatchObject({
    object: 'refund',
    status: 'succeeded',
    amount: 1000,
    charge,
    payment_intent: id,
    metadata: { return_id: 'r1' },
  })
  expect(await errorOf(stripe.refunds.create({ payment_intent: id, amount: 1000 }))).toMatchObject({
    statusCode: 400,
    type: 'StripeInvalidRequestError',
    param: 'amount',
  })

  const rest = await stripe.refunds.create({ charge, expand: ['charge', 'payment_intent'] })
  expect(rest).toMatchObject({
    amount: 999,
    charge: { amount_refunded: 1999, refunded: true },
    payment_intent: { id, status: 'succeeded' },
  })
  expect(await errorOf(stripe.refunds.create({ payment_intent: id }))).toMatchObject({ code: 'charge_already_refunded' })

  expect(await stripe.refunds.retrieve(first.id)).toMatchObject({ id: first.id, amount: 1000 })
  for (const of of [{}, { payment_intent: id }, { charge }]) {
    const page = await stripe.refunds.list({ ...of, limit: 1 })
    expect([page.data.map((refund) => refund.id), page.has_more]).toEqual([[rest.id], true])
    const next = await stripe.refunds.list({ ...of, limit: 1, starting_after: rest.id })
    expect([next.data.map((refund) => refund.id), next.has_more]).toEqual([[first.id], false])
  }
  expect((await stripe.refunds.list({ payment_intent: 'pi_other' })).data).toEqual([])
})

test('what was never captured cannot be refunded', async () => {
  const { stripe } = await startGateway()
  const { id } = await stripe.paymentIntents.create({ ...card, capture_method: 'manual', confirm: true })
  expect(await errorOf(stripe.refunds.create({ payment_intent: id }))).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' })
  expect(await errorOf(stripe.refunds.create({ payment_intent: 'pi_none' }))).toMatchObject({
    statusCode: 404,
    code: 'resource_missing',
    param: 'payment_intent',
  })
})
