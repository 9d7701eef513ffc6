import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { chargeOf, errorOf, startGateway } from './testing.ts'

type Words<Text extends string> = Text extends `${infer Word} ${infer Rest}` ? Word | Words<Rest> : Text
type RequiredKeys<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? never : Key }[keyof T]
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false

/** The members that the SDK's type `T` requires; naming one too few or too many does not compile. */
const requiredBy =
  <T>() =>
  <const Lines extends readonly string[]>(...lines: Same<Words<Lines[number]>, RequiredKeys<T>> extends true ? Lines : never): string[] =>
    lines.flatMap((line) => line.split(' '))

const required: Readonly<Record<string, string[]>> = {
  payment_intent: requiredBy<Stripe.PaymentIntent>()(
    'id object allowed_payment_method_types amount amount_capturable amount_received application application_fee_amount',
    'automatic_payment_methods canceled_at cancellation_reason capture_method client_secret confirmation_method created currency',
    'customer customer_account description excluded_payment_method_types last_payment_error latest_charge livemode managed_payments',
    'metadata next_action on_behalf_of payment_method payment_method_configuration_details payment_method_options payment_method_types',
    'payment_record processing receipt_email review setup_future_usage shipping source statement_descriptor',
    'statement_descriptor_suffix status transfer_group',
  ),
  charge: requiredBy<Stripe.Charge>()(
    'id object amount amount_captured amount_refunded application application_fee application_fee_amount balance_transaction',
    'billing_details calculated_statement_descriptor captured created currency customer description disputed',
    'failure_balance_transaction failure_code failure_message fraud_details livemode metadata on_behalf_of outcome paid payment_intent',
    'payment_method payment_method_details receipt_email receipt_number receipt_url refunded review shipping source source_transfer',
    'statement_descriptor statement_descriptor_suffix status transfer_data transfer_group',
  ),
  refund: requiredBy<Stripe.Refund>()(
    'id object amount balance_transaction charge created currency customer customer_account metadata payment_intent payment_method',
    'reason receipt_number source_transfer_reversal status transfer_reversal',
  ),
  event: requiredBy<Stripe.EventBase>()('id object api_version created data livemode pending_webhooks request type'),
  webhook_endpoint: requiredBy<Stripe.WebhookEndpoint>()(
    'id object api_version application created description enabled_events livemode metadata status url',
  ),
  payment_method: requiredBy<Stripe.PaymentMethod>()('id object billing_details created customer customer_account livemode metadata type'),
  card: requiredBy<Stripe.PaymentMethod.Card>()(
    'brand checks country display_brand exp_month exp_year funding generated_from last4 networks regulated_status three_d_secure_usage wallet',
  ),
  customer: requiredBy<Stripe.Customer>()(
    'id object balance created default_source description email invoice_settings livemode metadata shipping',
  ),
  balance: requiredBy<Stripe.Balance>()('object available livemode pending'),
  list: requiredBy<Stripe.ApiList<unknown>>()('object data has_more url'),
}

test("every object has each member that the SDK's types require, alone, in a list, expanded, in an error and in an event", async () => {
  const { stripe } = await startGateway()
  const seen = new Set<string>()
  const missing: string[] = []
  /** Looks at every object within an answer. */
  function check(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    if ('object' in value && typeof value.object === 'string') {
      const kind = value.object
      seen.add(kind)
      missing.push(...(required[kind] ?? ['shape']).filter((name) => !(name in value)).map((name) => `${kind}.${name}`))
      const card = 'card' in value && kind === 'payment_method' ? Object.keys(value.card ?? {}) : required['card']
      missing.push(...(required['card'] ?? []).filter((name) => !card?.includes(name)).map((name) => `${kind}.card.${name}`))
    }
    for (const inner of Object.values(value)) check(inner)
  }

  const endpoint = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:1/', enabled_events: ['charge.failed'] })
  const customer = await stripe.customers.create({ email: 'ada@example.com' })
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
  const pay = { amount: 500, currency: 'eur', customer: customer.id, confirm: true }
  const expand = ['latest_charge', 'payment_method', 'customer']
  const paid = await stripe.paymentIntents.create({ ...pay, payment_method: method.id })
  const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 100, expand: ['charge', 'payment_intent', 'customer'] })
  const declined = await errorOf(stripe.paymentIntents.create({ ...pay, payment_method: 'pm_card_chargeDeclined' }))
  const waiting = await stripe.paymentIntents.create({ ...pay, payment_method: 'pm_card_threeDSecure2Required' })
  const answers = [
    endpoint,
    customer,
    method,
    paid,
    refund,
    waiting,
    declined.payment_intent,
    declined.payment_method,
    await stripe.paymentIntents.retrieve(paid.id, { expand }),
    await stripe.paymentIntents.list({ expand: expand.map((name) => `data.${name}`) }),
    await stripe.charges.retrieve(chargeOf(paid), { expand: ['payment_intent', 'customer'] }),
    await stripe.charges.list({ payment_intent: paid.id }),
    await stripe.refunds.retrieve(refund.id),
    await stripe.refunds.list({ expand: ['data.charge'] }),
    await stripe.events.list({ limit: 100 }),
    await stripe.webhookEndpoints.list(),
    await stripe.customers.list(),
    await stripe.customers.listPaymentMethods(customer.id),
    await stripe.paymentMethods.list(),
    await stripe.balance.retrieve(),
  ]
  for (const answer of answers) check(answer)
  expect(missing).toEqual([])
  expect([...seen].toSorted()).toEqual(
    Object.keys(required)
      .filter((name) => name !== 'card')
      .toSorted(),
  )
})

test('the SDK walks through a list to its end, and back from any object', async () => {
  const { stripe } = await startGateway()
  const made: string[] = []
  for (let amount = 100; amount < 107; amount++) made.push((await stripe.paymentIntents.create({ amount, currency: 'eur' })).id)
  const newestFirst = made.toReversed()
  expect((await stripe.paymentIntents.list({ limit: 2 }).autoPagingToArray({ limit: 100 })).map(({ id }) => id)).toEqual(newestFirst)
  const before = await stripe.paymentIntents.list({ limit: 2, ending_before: String(newestFirst[3]) })
  expect([before.data.map(({ id }) => id), before.has_more]).toEqual([newestFirst.slice(1, 3), true])
  const first = await stripe.paymentIntents.list({ limit: 2, ending_before: String(newestFirst[1]) })
  expect([first.data.map(({ id }) => id), first.has_more]).toEqual([newestFirst.slice(0, 1), false])
  const both = stripe.paymentIntents.list({ starting_after: String(made[0]), ending_before: String(made[1]) })
  expect(await errorOf(Promise.resolve(both))).toMatchObject({ code: 'parameters_exclusive' })
})

test('a thousand requests at once over a hundred keys have a hundred effects', async () => {
  const { stripe, sql } = await startGateway()
  const pay = (index: number) =>
    stripe.paymentIntents.create(
      { amount: 500 + (index % 100), currency: 'eur', payment_method: 'pm_card_visa', confirm: true },
      { idempotencyKey: `order-${index % 100}`, maxNetworkRetries: 20 },
    )
  const paid = await Promise.all(Array.from({ length: 1_000 }, (_, index) => pay(index)))
  expect(new Set(paid.map(({ id }) => id)).size).toBe(100)
  paid.forEach(({ id, amount }, index) => expect([id, amount]).toEqual([paid[index % 100]?.id, 500 + (index % 100)]))
  expect(await sql`select count(*)::int, count(distinct payment_intent)::int as intents from charges`).toEqual([
    { count: 100, intents: 100 },
  ])
  expect(await sql`select type, count(*)::int from events group by type order by type`).toEqual([
    { type: 'charge.succeeded', count: 100 },
    { type: 'payment_intent.created', count: 100 },
    { type: 'payment_intent.succeeded', count: 100 },
  ])
})
