import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '#shared/testing/database.ts'
import { holdLock, untilBlocked } from '#shared/testing/until.ts'
import { capture } from './payment-intent.ts'
import { cancel } from './payment-intent-changes.ts'
import { outcomeOf } from './payment-intent-outcome.ts'
import { chargeOf, errorOf, key, startGateway } from './testing.ts'

const card = { amount: 1999, currency: 'eur', payment_method: 'pm_card_visa', confirm: true } as const
const form = 'amount=1999&currency=eur&payment_method=pm_card_visa&confirm=true'
const withKey = (idempotencyKey: string) => ({ idempotencyKey })

test('the same request again gets the same answer, and one charge is made', async () => {
  const { stripe, sql, request } = await startGateway()
  const first = await stripe.paymentIntents.create(card, withKey('order-1'))
  const again = await stripe.paymentIntents.create(card, withKey('order-1'))
  expect(again).toEqual(first)
  expect(again.lastResponse.headers).toMatchObject({
    'idempotent-replayed': 'true',
    'idempotency-key': 'order-1',
    'original-request': first.lastResponse.requestId,
  })
  // The order of the parameters makes no other request of it.
  const shuffled = await request('POST', '/v1/payment_intents', {
    body: form.split('&').reverse().join('&'),
    headers: { 'idempotency-key': 'order-1' },
  })
  expect([shuffled.status, shuffled.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
  expect(await sql`select id from charges`).toHaveLength(1)
})

test('a key is good for one request: other parameters and another endpoint are refused', async () => {
  const { stripe, sql } = await startGateway()
  const { id } = await stripe.paymentIntents.create({ ...card, capture_method: 'manual' }, withKey('order-1'))
  const other = await errorOf(stripe.paymentIntents.create({ ...card, amount: 2000 }, withKey('order-1')))
  expect(other).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 })
  const elsewhere = await errorOf(stripe.paymentIntents.capture(id, {}, withKey('order-1')))
  expect(elsewhere).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 })
  expect(await sql`select status from payment_intents`).toEqual([{ status: 'requires_capture' }])
})

test('a decline and a wrong state are replayed, although the state has moved on', async () => {
  const { stripe } = await startGateway()
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' })
  const attempt = () => errorOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_chargeDeclined' }, withKey('attempt-1')))
  const declined = await attempt()
  expect(declined).toMatchObject({ statusCode: 402, code: 'card_declined' })
  const tooEarly = await errorOf(stripe.paymentIntents.capture(id, {}, withKey('capture-1')))
  expect(tooEarly).toMatchObject({ code: 'payment_intent_unexpected_state' })

  await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa', capture_method: 'manual' })
  const replayed = await attempt()
  expect([replayed.code, replayed.charge, replayed.payment_intent]).toEqual([declined.code, declined.charge, declined.payment_intent])
  expect(await errorOf(stripe.paymentIntents.capture(id, {}, withKey('capture-1')))).toMatchObject({
    code: 'payment_intent_unexpected_state',
  })
  expect(await stripe.paymentIntents.capture(id, {}, withKey('capture-2'))).toMatchObject({ status: 'succeeded' })
})

test('what is not valid, or names nothing, is not stored under the key', async () => {
  const { stripe, sql } = await startGateway()
  expect(await errorOf(stripe.paymentIntents.create({ ...card, amount: -1 }, withKey('order-1')))).toMatchObject({ statusCode: 400 })
  expect(await errorOf(stripe.paymentIntents.create({ ...card, payment_method: 'pm_none' }, withKey('order-1')))).toMatchObject({
    statusCode: 404,
  })
  expect(await errorOf(stripe.paymentIntents.capture('pi_none', {}, withKey('order-1')))).toMatchObject({ statusCode: 404 })
  expect(await sql`select key from idempotency_keys`).toEqual([])
  expect(await stripe.paymentIntents.create(card, withKey('order-1'))).toMatchObject({ status: 'succeeded' })
})

test('a request whose key is being used by another is told to come again, and then gets the same answer', async () => {
  const { stripe, sql } = await startGateway()
  const { id } = await stripe.paymentIntents.create({ ...card, capture_method: 'manual' })
  const row = await holdLock(sql, (tx) => tx`select from payment_intents where id = ${id} for update`)
  const first = stripe.paymentIntents.capture(id, {}, withKey('capture-1'))
  await untilBlocked(sql, 1)

  const second = await errorOf(stripe.paymentIntents.capture(id, {}, withKey('capture-1')))
  expect(second).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use', headers: { 'stripe-should-retry': 'true' } })
  await row.release()
  expect(await stripe.paymentIntents.capture(id, {}, withKey('capture-1'))).toEqual(await first)
})

test('of many equal requests at once, one makes a charge and the others are told of it or to come again', async () => {
  const { stripe, sql } = await startGateway()
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => stripe.paymentIntents.create(card, withKey('order-1'))))
  const ids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []))
  expect(new Set(ids).size).toBe(1)
  const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [(answer.reason as Stripe.errors.StripeError).code] : []))
  expect(refusals.every((code) => code === 'idempotency_key_in_use')).toBe(true)
  expect(await sql`select id from charges`).toHaveLength(1)
})

test('keys are forgotten after 24 hours', async () => {
  const { stripe, sql } = await startGateway()
  const first = await stripe.paymentIntents.create(card, withKey('order-1'))
  await sql`update idempotency_keys set created_at = now() - interval '23 hours 59 minutes'`
  expect((await stripe.paymentIntents.create(card, withKey('order-1'))).id).toBe(first.id)
  await sql`update idempotency_keys set created_at = now() - interval '24 hours 1 second'`
  const later = await stripe.paymentIntents.create({ ...card, amount: 500 }, withKey('order-1'))
  expect(later.id).not.toBe(first.id)
  expect(await stripe.paymentIntents.create({ ...card, amount: 500 }, withKey('order-1'))).toMatchObject({ id: later.id })

  const held = await stripe.paymentIntents.create({ ...card, capture_method: 'manual' })
  await stripe.paymentIntents.capture(held.id, {}, withKey('capture-1'))
  await sql`update idempotency_keys set created_at = now() - interval '24 hours 1 second'`
  expect(await errorOf(stripe.paymentIntents.capture(held.id, {}, withKey('capture-1')))).toMatchObject({
    code: 'payment_intent_unexpected_state',
  })
})

test('of a capture and a cancel decided from the same read, only the first is saved; the other reads and follows', async () => {
  const { stripe, store } = await startGateway()
  for (const first of ['capture', 'cancel'] as const) {
    const { id } = await stripe.paymentIntents.create({ ...card, capture_method: 'manual' })
    const { payment } = await store.find('', { intent: id, param: 'intent' })
    if (!payment) throw new Error('the intent was just made')
    const surroundings = { now: 1, newId: () => '', newSecret: () => '', authenticationUrl: () => '' }
    const effects = { capture: capture(payment, undefined), cancel: cancel(payment, null, surroundings) }
    const save = (what: 'capture' | 'cancel') =>
      store.save(
        { key: `${id}-${what}`, givenKey: null, fingerprint: '', requestId: '', operation: '', ifFailed: '' },
        { table: 'payment_intents', id, version: payment.intent.version },
        { ...outcomeOf([payment], effects[what], { expand: [], requestId: '' }), events: [] },
        new Date(),
      )

    const second = first === 'capture' ? 'cancel' : 'capture'
    expect(await save(first)).toMatchObject({ status: 200 })
    expect(await save(second)).toBe('moved')
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: first === 'capture' ? 'succeeded' : 'canceled' })
    expect(await store.findAnswer(`${id}-${second}`)).toBeNull()
  }
})

test('a capture and a cancel that arrive together: the one that gets the row wins, the other is told the new state', async () => {
  const { stripe, sql } = await startGateway()
  const { id } = await stripe.paymentIntents.create({ ...card, capture_method: 'manual' })
  const row = await holdLock(sql, (tx) => tx`select from payment_intents where id = ${id} for update`)
  const cancelling = stripe.paymentIntents.cancel(id)
  await untilBlocked(sql, 1)
  const capturing = errorOf(stripe.paymentIntents.capture(id))
  await untilBlocked(sql, 2)
  await row.release()
  expect(await cancelling).toMatchObject({ status: 'canceled' })
  expect(await capturing).toMatchObject({ code: 'payment_intent_unexpected_state', payment_intent: { status: 'canceled' } })
  expect(await sql`select amount_captured, released from charges`).toEqual([{ amount_captured: 0, released: true }])
})

test('two refunds at once never give back more than was captured', async () => {
  const { stripe, sql } = await startGateway()
  const { id } = await stripe.paymentIntents.create(card)
  const row = await holdLock(sql, (tx) => tx`select from payment_intents where id = ${id} for update`)
  const both = [stripe.refunds.create({ payment_intent: id, amount: 1500 }), stripe.refunds.create({ payment_intent: id, amount: 1500 })]
  const settled = Promise.allSettled(both)
  await untilBlocked(sql, 2)
  await row.release()
  expect((await settled).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await sql`select amount_refunded from charges`).toEqual([{ amount_refunded: 1500 }])
  expect(await sql`select amount from refunds`).toEqual([{ amount: 1500 }])
})

test('the database refuses a second successful charge and a refund beyond what was captured', async () => {
  const { stripe, sql } = await startGateway()
  const charge = chargeOf(await stripe.paymentIntents.create(card))
  const copy = sql`insert into charges select (jsonb_populate_record(c, '{"id":"ch_2"}')).* from charges c where id = ${charge}`
  await expect(copy).rejects.toMatchObject({ constraint_name: 'charges_one_success_per_intent' })
  await expect(sql`update charges set amount_refunded = 2000`).rejects.toMatchObject({ constraint_name: 'charges_refunded_within' })
})

test('an ordered failure is answered after the effect, is replayed, and leaves the state to be read', async () => {
  const { stripe, request, sql } = await startGateway({ control: true })
  await request('POST', '/__mock/fail-next', { body: JSON.stringify({ operation: 'payment_intents.capture' }) })
  const { id } = await stripe.paymentIntents.create({ ...card, capture_method: 'manual' })
  for (let times = 0; times < 2; times++) {
    const failed = await errorOf(stripe.paymentIntents.capture(id, {}, withKey('capture-1')))
    expect(failed).toMatchObject({ type: 'StripeAPIError', statusCode: 500, headers: { 'stripe-should-retry': 'false' } })
    expect(failed.headers?.['idempotent-replayed']).toBe(times === 0 ? undefined : 'true')
  }
  expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: 'succeeded' })
  expect(await sql`select remaining from faults`).toEqual([{ remaining: 0 }])
})

test('an ordered failure can come without effect: the key is spent, and a new one makes the payment', async () => {
  const { stripe, request } = await startGateway({ control: true })
  await request('POST', '/__mock/fail-next', { body: JSON.stringify({ count: 2, status: 503, effect: false }) })
  for (let times = 0; times < 2; times++) {
    expect(await errorOf(stripe.paymentIntents.create(card, withKey('attempt-1')))).toMatchObject({ statusCode: 503 })
  }
  expect(await errorOf(stripe.paymentIntents.create(card, withKey('attempt-2')))).toMatchObject({ statusCode: 503 })
  expect((await stripe.paymentIntents.list()).data).toEqual([])
  expect(await stripe.paymentIntents.create(card, withKey('attempt-3'))).toMatchObject({ status: 'succeeded' })
})

test('without control nothing can be ordered, and what was ordered before does not happen', async () => {
  const database = await freshDatabase('payments')
  const controlled = await startGateway({ control: true, database })
  await controlled.request('POST', '/__mock/fail-next', { body: JSON.stringify({ count: 1 }) })
  await controlled.stop()
  const { stripe, request } = await startGateway({ database })
  expect((await request('POST', '/__mock/fail-next', { body: '{}' })).status).toBe(404)
  expect((await request('POST', '/__mock/3ds/pi_1?result=succeeded')).status).toBe(404)
  expect(await stripe.paymentIntents.create(card)).toMatchObject({ status: 'succeeded' })
})

test('a gateway that starts again knows payments and keys', async () => {
  const database = await freshDatabase('payments')
  const before = await startGateway({ database })
  const made = await before.stripe.paymentIntents.create({ ...card, capture_method: 'manual' }, withKey('order-1'))
  await before.stop()
  const { stripe } = await startGateway({ database })
  expect(await stripe.paymentIntents.create({ ...card, capture_method: 'manual' }, withKey('order-1'))).toEqual(made)
  expect(await stripe.paymentIntents.capture(made.id)).toMatchObject({ status: 'succeeded' })
})

test('an answer that is lost on the way is fetched by the retry of the SDK', async () => {
  const { port, sql } = await startGateway()
  let lost = 0
  // Passes requests on, and drops the connection instead of the first answer: the effect is there, the caller does not know.
  const proxy = createServer((incoming, outgoing) => {
    const onward = httpRequest(
      { port, host: '127.0.0.1', method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        if (lost++ === 0) return void answer.resume().once('end', () => incoming.socket.destroy())
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      },
    )
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void proxy.close())
  await new Promise((resolve) => proxy.once('listening', resolve))
  const stripe = new Stripe(key, { host: '127.0.0.1', port: (proxy.address() as AddressInfo).port, protocol: 'http' })

  const paid = await stripe.paymentIntents.create(card)
  expect([lost, paid.status, paid.lastResponse.headers['idempotent-replayed']]).toEqual([2, 'succeeded', 'true'])
  expect(await sql`select id from charges`).toHaveLength(1)
})
