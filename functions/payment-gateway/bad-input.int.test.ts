import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { errorOf, startGateway } from './testing.ts'

type Refusal = { error: { type: string; code?: string; param?: string; message: string; request_log_url: string } }
const refusal = async (answer: Response) => [answer.status, ((await answer.json()) as Refusal).error] as const
const form = 'amount=1999&currency=eur'

const wrongForms: readonly (readonly [what: string, form: string, code: string | undefined, param: string])[] = [
  ['an amount that is missing', 'currency=eur', 'parameter_missing', 'amount'],
  ['a currency that is missing', 'amount=1999', 'parameter_missing', 'currency'],
  ['an amount that is no number', 'amount=abc&currency=eur', 'parameter_invalid_integer', 'amount'],
  ['an amount with a fraction', 'amount=19.99&currency=eur', 'parameter_invalid_integer', 'amount'],
  ['an amount of nothing', 'amount=0&currency=eur', 'parameter_invalid_integer', 'amount'],
  ['an empty amount', 'amount=&currency=eur', 'parameter_invalid_empty', 'amount'],
  ['an amount below what is charged', 'amount=49&currency=eur', 'amount_too_small', 'amount'],
  ['an amount beyond what is charged', 'amount=100000000&currency=eur', 'amount_too_large', 'amount'],
  ['an amount that is a hash', 'amount[a]=1&currency=eur', undefined, 'amount'],
  ['an unknown currency', 'amount=1999&currency=xyz', undefined, 'currency'],
  ['an unknown parameter', `${form}&colour=red`, 'parameter_unknown', 'colour'],
  [
    'an unknown parameter inside',
    `${form}&shipping[name]=A&shipping[address][city]=B&shipping[colour]=red`,
    'parameter_unknown',
    'shipping[colour]',
  ],
  ['a parameter named as the prototype', `${form}&__proto__[a]=b`, 'parameter_unknown', '__proto__'],
  ['a choice that does not exist', `${form}&capture_method=later`, undefined, 'capture_method'],
  ['a flag that is none', `${form}&confirm=yes`, undefined, 'confirm'],
  [
    'what excludes each other',
    `${form}&automatic_payment_methods[enabled]=true&payment_method_types[]=card`,
    'parameters_exclusive',
    'payment_method_types',
  ],
  ['a return address without confirmation', `${form}&return_url=https://shop.example`, 'parameter_unknown', 'return_url'],
  ['an address that is none', `${form}&confirm=true&payment_method=pm_card_visa&return_url=javascript:alert(1)`, undefined, 'return_url'],
  ['metadata that is a text', `${form}&metadata=abc`, undefined, 'metadata'],
  ['metadata with a long value', `${form}&metadata[a]=${'x'.repeat(501)}`, undefined, 'metadata[a]'],
  ['an expansion that does not exist', `${form}&expand[]=invoice`, undefined, 'expand[0]'],
  ['names that contradict each other', `${form}&metadata=a&metadata[b]=c`, undefined, 'metadata'],
  ['a parameter nested too deep', `${form}&metadata[a][b][c][d][e][f]=1`, undefined, 'metadata'],
]

test('a wrong parameter is refused by its name, and nothing is written', async () => {
  const { request, sql } = await startGateway()
  for (const [what, body, code, param] of wrongForms) {
    const [status, error] = await refusal(await request('POST', '/v1/payment_intents', { body, headers: { 'idempotency-key': 'k' } }))
    expect([what, status, error.type, error.code, error.param]).toEqual([what, 400, 'invalid_request_error', code, param])
    expect(error.request_log_url).toContain('req_')
  }
  expect(await sql`select id from payment_intents union all select key from idempotency_keys`).toEqual([])
})

test('a payment method that does not exist is refused before anything is made', async () => {
  const { stripe, sql } = await startGateway()
  const wanted = { amount: 1999, currency: 'eur', payment_method: 'pm_unknown' } as const
  for (const confirm of [true, false]) {
    const error = await errorOf(stripe.paymentIntents.create({ ...wanted, confirm }))
    expect(error).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'payment_method',
      message: "No such PaymentMethod: 'pm_unknown'",
    })
  }
  expect(await sql`select id from payment_intents`).toEqual([])
})

test('ids that name nothing are 404', async () => {
  const { stripe } = await startGateway()
  const calls = [
    () => stripe.paymentIntents.retrieve('pi_x'),
    () => stripe.paymentIntents.confirm('pi_x'),
    () => stripe.paymentIntents.capture('pi_x'),
    () => stripe.paymentIntents.cancel('pi_x'),
    () => stripe.charges.retrieve('ch_x'),
    () => stripe.refunds.retrieve('re_x'),
    () => stripe.refunds.create({ charge: 'ch_x' }),
  ]
  for (const call of calls) {
    expect(await errorOf(call())).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 404, code: 'resource_missing' })
  }
})

test('lists refuse a page that cannot be', async () => {
  const { stripe, request } = await startGateway()
  expect(await errorOf(stripe.paymentIntents.list({ limit: 101 }))).toMatchObject({ statusCode: 400, param: 'limit' })
  expect(await errorOf(stripe.paymentIntents.list({ starting_after: 'pi_x' }))).toMatchObject({ statusCode: 400, param: 'starting_after' })
  expect(await errorOf(stripe.refunds.list({ starting_after: 're_x' }))).toMatchObject({ statusCode: 400, param: 'starting_after' })
  expect(await errorOf(stripe.paymentIntents.search({ query: "status:'succeeded'" }))).toMatchObject({ statusCode: 400, param: 'query' })
  expect((await request('GET', '/v1/payment_intents?created[gte]=yesterday')).status).toBe(400)
  expect((await request('GET', '/v1/refunds?colour=red')).status).toBe(400)
})

test('a refund must say of what, and of one thing only', async () => {
  const { stripe } = await startGateway()
  expect(await errorOf(stripe.refunds.create({}))).toMatchObject({ statusCode: 400, code: 'parameter_missing' })
  expect(await errorOf(stripe.refunds.create({ charge: 'ch_x', payment_intent: 'pi_x' }))).toMatchObject({
    statusCode: 400,
    code: 'parameters_exclusive',
  })
  expect(await errorOf(stripe.refunds.create({ charge: 'ch_x', amount: 0 }))).toMatchObject({ statusCode: 400, param: 'amount' })
})

test('only the API key opens the door, as a bearer token or as a user name', async () => {
  const { port, request } = await startGateway()
  const stranger = new Stripe('sk_test_somebody_else', { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 })
  const error = await errorOf(stranger.paymentIntents.create({ amount: 1999, currency: 'eur' }))
  expect(error).toMatchObject({ type: 'StripeAuthenticationError', statusCode: 401 })
  expect(error.message).not.toContain('somebody_else')
  const asUser = (name: string) => ({ headers: { authorization: `Basic ${Buffer.from(`${name}:`).toString('base64')}` } })
  const statuses = [
    (await request('GET', '/v1/payment_intents', { headers: { authorization: '' } })).status,
    (await request('GET', '/v1/nothing', { headers: { authorization: 'Bearer' } })).status,
    (await request('GET', '/v1/payment_intents', asUser('sk_test_of_the_gateway'))).status,
    (await request('GET', '/v1/payment_intents', asUser('sk_test_else'))).status,
  ]
  expect(statuses).toEqual([401, 401, 200, 401])
})

test('a body that is no form, or too large, is refused; so is a path that does not exist', async () => {
  const { request } = await startGateway()
  const json = await request('POST', '/v1/payment_intents', { body: '{"amount":1999}', headers: { 'content-type': 'application/json' } })
  expect((await refusal(json))[0]).toBe(400)
  const large = await request('POST', '/v1/payment_intents', { body: `description=${'x'.repeat(1024 * 1024)}` })
  expect((await refusal(large))[0]).toBe(413)
  const many = await request('POST', '/v1/payment_intents', { body: Array.from({ length: 1001 }, (_, index) => `a[${index}]=1`).join('&') })
  expect((await refusal(many))[0]).toBe(400)
  const [status, error] = await refusal(await request('GET', '/v1/disputes'))
  expect([status, error.type]).toEqual([404, 'invalid_request_error'])
  const longKey = await request('POST', '/v1/payment_intents', { body: form, headers: { 'idempotency-key': 'k'.repeat(256) } })
  expect((await refusal(longKey))[0]).toBe(400)
})

test('every answer carries the headers that the SDK reads', async () => {
  const { stripe, request } = await startGateway()
  const { lastResponse } = await stripe.paymentIntents.create({ amount: 1999, currency: 'eur' }, { idempotencyKey: 'order-1' })
  expect(lastResponse).toMatchObject({
    requestId: expect.stringMatching(/^req_\w+$/),
    idempotencyKey: 'order-1',
    apiVersion: expect.stringMatching(/^20/),
  })
  const refused = await request('POST', '/v1/payment_intents', { body: 'amount=1', headers: { 'stripe-version': '2024-06-20' } })
  expect([refused.headers.get('stripe-version'), refused.headers.get('request-id')]).toEqual([
    '2024-06-20',
    expect.stringMatching(/^req_\w+$/),
  ])
})

test('a test that orders a failure which cannot be is told so', async () => {
  const { request } = await startGateway({ control: true })
  for (const body of ['', '{', '{"count":0}', '{"status":200}', '{"operation":"everything"}', '{"colour":"red"}']) {
    expect((await refusal(await request('POST', '/__mock/fail-next', { body })))[0]).toBe(400)
  }
  expect((await refusal(await request('POST', '/__mock/3ds/pi_1?result=maybe')))[0]).toBe(400)
  expect((await refusal(await request('POST', '/__mock/3ds/pi_1?result=failed')))[0]).toBe(404)
})
