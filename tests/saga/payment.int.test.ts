import { expect, test } from 'vitest'
import { addProducts, stockOf } from '#db/inventory/testing.ts'
import { killAt } from './runners.ts'
import { moneyOf, newKey, orderOf, read, startSaga, unitTotal } from './shop.ts'

const authenticate = (gateway: Awaited<ReturnType<typeof startSaga>>['gateway'], intent: string, result: 'succeeded' | 'failed') =>
  gateway.request('POST', `/__mock/3ds/${intent}?result=${result}`)

test('a payment that needs the customer waits for them, and is finished once they have authenticated it', async () => {
  const { runner, gateway, inventory, payments, endLeases, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const as = { account: crypto.randomUUID(), idempotencyKey: newKey() }
  const asking = await runner().place(orderOf('MUG', { paymentMethod: 'pm_card_authenticationRequired' }), as)
  expect(asking.status).toBe(202)
  const body = await read(asking)
  expect(body).toMatchObject({ status: 'requires_action', total: { amount: unitTotal } })
  expect(body.payment.clientSecret).toMatch(/^pi_.+_secret_/)
  const [intent] = await payments<{ id: string }[]>`select id from payment_intents`
  expect((await authenticate(gateway, intent?.id ?? '', 'succeeded')).status).toBe(200)
  await endLeases()
  const done = await runner().place(orderOf('MUG', { paymentMethod: 'pm_card_authenticationRequired' }), as)
  expect([done.status, (await read(done)).status]).toEqual([201, 'paid'])
  expect(await moneyOf(payments)).toEqual({ captured: unitTotal, refunded: 0, charges: 1 })
  expect(await drift()).toEqual([])
})

test('a replayed requires_action does not decide, the status of the intent does', async () => {
  const { runner, gateway, inventory, orders, payments, endLeases, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const kill = killAt('authorise', 'after')
  void runner(kill.around).place(orderOf('MUG', { paymentMethod: 'pm_card_authenticationRequired' }))
  await kill.killed
  const [intent] = await payments<{ id: string }[]>`select id from payment_intents`
  await authenticate(gateway, intent?.id ?? '', 'succeeded')
  await endLeases()
  const [row] = await orders<{ id: string }[]>`select id from orders`
  expect(await read(await runner().sweep(row?.id ?? ''))).toMatchObject({ status: 'paid' })
  expect(await moneyOf(payments)).toEqual({ captured: unitTotal, refunded: 0, charges: 1 })
  expect(await drift()).toEqual([])
})

test('a payment that nobody authenticates in time is given up, and its stock goes back', async () => {
  const { runner, inventory, orders, payments, endLeases, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const { id } = await read(await runner().place(orderOf('MUG', { paymentMethod: 'pm_card_authenticationRequired' })))
  await endLeases()
  await orders`update orders set created_at = now() - interval '31 minutes'`
  expect(await read(await runner().sweep(id))).toMatchObject({ status: 'cancelled' })
  expect(await stockOf(inventory, 'MUG')).toEqual({ onHand: 10, reserved: 0 })
  expect((await moneyOf(payments)).charges).toBe(0)
  expect(await drift()).toEqual([])
})

const failNext = (gateway: Awaited<ReturnType<typeof startSaga>>['gateway'], fault: object) =>
  gateway.request('POST', '/__mock/fail-next', { body: JSON.stringify(fault), headers: { 'content-type': 'application/json' } })

test.each([
  { effect: true, attempt: 1 },
  { effect: false, attempt: 2 },
])('a failure the gateway has stored under the key does not decide (effect: $effect)', async ({ effect, attempt }) => {
  const { runner, gateway, inventory, orders, payments, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  await failNext(gateway, { count: 1, status: 500, operation: 'payment_intents.create', effect })
  expect((await runner().place(orderOf('MUG'))).status).toBe(201)
  expect(await orders`select attempt from orders`).toEqual([{ attempt }])
  expect(await moneyOf(payments)).toEqual({ captured: unitTotal, refunded: 0, charges: 1 })
  expect(await drift()).toEqual([])
})
