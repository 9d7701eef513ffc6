import { expect, test } from 'vitest'
import { addProducts, stockOf } from '#db/inventory/testing.ts'
import { holdLock, untilBlocked } from '#shared/testing/until.ts'
import { type Around, moneyOf, newKey, orderOf, type Step, startSaga } from './shop.ts'

const sample = 1_190 // 10.00 and 19 % tax

type Body = { id: string; status: string; total: { amount: number }; payment: { clientSecret?: string }; orderId: string }
const read = async (response: Response) => (await response.json()) as Body

/** Holds a runner up right before its first `step`, as a slow network would. */
function pauseBefore(step: Step) {
  const reached = Promise.withResolvers<void>()
  const resumed = Promise.withResolvers<void>()
  let paused = false
  const around: Around = async (current, run) => {
    if (current === step && !paused) {
      paused = true
      reached.resolve()
      await resumed.promise
    }
    return run()
  }
  return { around, reached: reached.promise, resume: resumed.resolve }
}

/** Kills a runner: at the given step nothing more happens, either before it takes effect or before its answer is heard. */
function killAt(step: Step, moment: 'before' | 'after') {
  const killed = Promise.withResolvers<void>()
  let dead = false
  const never = new Promise<never>(() => {})
  const around: Around = async (current, run) => {
    if (dead) return never
    if (current !== step) return run()
    dead = true
    if (moment === 'after') await run()
    killed.resolve()
    return never
  }
  return { around, killed: killed.promise }
}

test('an order is held, charged and sold in one go', async () => {
  const { runner, inventory, payments, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG', onHand: 5 })
  const response = await runner().place(orderOf('MUG', { quantity: 2, expectedTotal: { amount: 2 * sample, currency: 'EUR' } }))
  expect(response.status).toBe(201)
  expect(await read(response)).toMatchObject({ status: 'paid', total: { amount: 2 * sample, currency: 'EUR' } })
  expect(await stockOf(inventory, 'MUG')).toEqual({ onHand: 3, reserved: 0 })
  expect(await moneyOf(payments)).toEqual({ captured: 2 * sample, refunded: 0, charges: 1 })
  expect(await drift()).toEqual([])
})

test('of ten buyers for one unit one pays, nine are told it is gone, and one charge is captured', async () => {
  const { runner, inventory, orders, payments, drift } = await startSaga()
  await addProducts(inventory, { sku: 'LAST', onHand: 1 })
  // All ten see the unit free before the first of them may take it.
  const lock = await holdLock(inventory, (tx) => tx`select from stock where sku = 'LAST' for update`)
  const shop = runner()
  const buyers = Array.from({ length: 10 }, () => shop.place(orderOf('LAST')))
  await untilBlocked(inventory, 10)
  await lock.release()
  const statuses = (await Promise.all(buyers)).map((response) => response.status)
  expect(statuses.toSorted((a, b) => a - b)).toEqual([201, ...Array.from({ length: 9 }, () => 409)])
  expect(await orders`select status, count(*)::int from orders group by status order by status`).toEqual([
    { status: 'paid', count: 1 },
    { status: 'rejected', count: 9 },
  ])
  expect(await stockOf(inventory, 'LAST')).toEqual({ onHand: 0, reserved: 0 })
  expect(await moneyOf(payments)).toEqual({ captured: sample, refunded: 0, charges: 1 })
  expect(await drift()).toEqual([])
})

test('a declined card leaves the stock free, no charge, and says why', async () => {
  const { runner, inventory, payments, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const response = await runner().place(orderOf('MUG', { paymentMethod: 'pm_card_visa_chargeDeclined' }))
  expect(response.status).toBe(402)
  expect(await response.json()).toMatchObject({ code: 'payment_declined', declineCode: 'generic_decline' })
  expect(await stockOf(inventory, 'MUG')).toEqual({ onHand: 10, reserved: 0 })
  expect(await moneyOf(payments)).toEqual({ captured: 0, refunded: 0, charges: 0 })
  expect(await drift()).toEqual([])
})

test('a total that is not the expected one is refused with the new one', async () => {
  const { runner, inventory, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const response = await runner().place(orderOf('MUG', { expectedTotal: { amount: 999, currency: 'EUR' } }))
  expect(response.status).toBe(409)
  expect(await response.json()).toMatchObject({ code: 'total_changed', total: { amount: sample, currency: 'EUR' } })
  expect(await drift()).toEqual([])
})

test('what is not for sale is refused by name', async () => {
  const { runner, drift } = await startSaga()
  const response = await runner().place(orderOf('NONE'))
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ code: 'unknown_items', skus: ['NONE'] })
  expect(await drift()).toEqual([])
})

test('the same request again is answered with the same order, and charged once', async () => {
  const { runner, inventory, orders, payments } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const shop = runner()
  const account = crypto.randomUUID()
  const as = { account, idempotencyKey: newKey() }
  const first = await shop.place(orderOf('MUG'), as)
  const again = await shop.place(orderOf('MUG'), as)
  expect([first.status, again.status]).toEqual([201, 201])
  expect([first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')]).toEqual([null, 'true'])
  expect(await again.json()).toEqual(await first.json())
  expect((await shop.place(orderOf('MUG', { quantity: 2 }), as)).status).toBe(422)
  // Keys are the account's own.
  expect((await shop.place(orderOf('MUG'), { ...as, account: crypto.randomUUID() })).headers.get('idempotent-replayed')).toBeNull()
  expect((await orders`select from orders`).length).toBe(2)
  expect((await moneyOf(payments)).charges).toBe(2)
})

test('the same request twice at once makes one order and one charge', async () => {
  const { runner, inventory, orders, payments, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const as = { account: crypto.randomUUID(), idempotencyKey: newKey() }
  const lock = await holdLock(orders, (tx) => tx`lock table orders in share mode`)
  const twins = [runner().place(orderOf('MUG'), as), runner().place(orderOf('MUG'), as)]
  await untilBlocked(orders, 2)
  await lock.release()
  const statuses = (await Promise.all(twins)).map((response) => response.status)
  // The twin either meets a live lease and is told to come again, or the finished order.
  expect([
    [201, 201],
    [201, 409],
  ]).toContainEqual(statuses.toSorted((a, b) => a - b))
  expect((await orders`select from orders`).length).toBe(1)
  expect(await moneyOf(payments)).toEqual({ captured: sample, refunded: 0, charges: 1 })
  expect(await drift()).toEqual([])
})

test('a request whose twin is being worked on is told when to come again', async () => {
  const { runner, inventory } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const as = { account: crypto.randomUUID(), idempotencyKey: newKey() }
  const slow = pauseBefore('reserve')
  const first = runner(slow.around).place(orderOf('MUG'), as)
  await slow.reached
  const twin = await runner().place(orderOf('MUG'), as)
  expect([twin.status, twin.headers.get('retry-after')]).toEqual([409, '1'])
  slow.resume()
  expect((await first).status).toBe(201)
})

test.each(['reserve', 'authorise', 'commit', 'capture', 'save'] as const)(
  'a runner that lost its lease before %s writes nothing',
  async (step) => {
    const { runner, inventory, orders, payments, endLeases, drift } = await startSaga()
    await addProducts(inventory, { sku: 'MUG' })
    const slow = pauseBefore(step)
    const first = runner(slow.around).place(orderOf('MUG'))
    await slow.reached
    await endLeases()
    const [row] = await orders<{ id: string }[]>`select id from orders`
    expect(await read(await runner().sweep(row?.id ?? ''))).toMatchObject({ status: 'paid' })
    const settled = await orders`select * from orders`
    const events = await orders`select * from order_events order by version`
    slow.resume()
    expect((await first).status).toBe(201)
    expect(await orders`select * from orders`).toEqual(settled)
    expect(await orders`select * from order_events order by version`).toEqual(events)
    expect(await moneyOf(payments)).toEqual({ captured: sample, refunded: 0, charges: 1 })
    expect(await drift()).toEqual([])
  },
)

test('an authorisation that was still under way when its order was given up takes no money', async () => {
  const { runner, inventory, orders, payments, endLeases, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const slow = pauseBefore('authorise')
  const first = runner(slow.around).place(orderOf('MUG'))
  await slow.reached
  await endLeases()
  await orders`update orders set created_at = now() - interval '24 hours'`
  const [row] = await orders<{ id: string }[]>`select id from orders`
  expect(await read(await runner().sweep(row?.id ?? ''))).toMatchObject({ status: 'cancelled' })
  slow.resume()
  expect((await first).status).toBe(409)
  expect(await moneyOf(payments)).toEqual({ captured: 0, refunded: 0, charges: 0 })
  expect(await stockOf(inventory, 'MUG')).toEqual({ onHand: 10, reserved: 0 })
  expect(await drift()).toEqual([])
})

test('a price change between two attempts does not change the amount', async () => {
  const { runner, inventory, orders, payments, endLeases, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const kill = killAt('authorise', 'after')
  void runner(kill.around).place(orderOf('MUG'))
  await kill.killed
  await inventory`update prices set amount = amount * 2`
  await endLeases()
  const [row] = await orders<{ id: string }[]>`select id from orders`
  expect(await read(await runner().sweep(row?.id ?? ''))).toMatchObject({ status: 'paid' })
  expect(await orders`select total::int from orders`).toEqual([{ total: sample }])
  expect(await moneyOf(payments)).toEqual({ captured: sample, refunded: 0, charges: 1 })
  expect(await drift()).toEqual([])
})

const authenticate = (gateway: Awaited<ReturnType<typeof startSaga>>['gateway'], intent: string, result: 'succeeded' | 'failed') =>
  gateway.request('POST', `/__mock/3ds/${intent}?result=${result}`)

test('a payment that needs the customer waits for them, and is finished once they have authenticated it', async () => {
  const { runner, gateway, inventory, payments, endLeases, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const as = { account: crypto.randomUUID(), idempotencyKey: newKey() }
  const asking = await runner().place(orderOf('MUG', { paymentMethod: 'pm_card_authenticationRequired' }), as)
  expect(asking.status).toBe(202)
  const body = await read(asking)
  expect(body).toMatchObject({ status: 'requires_action', total: { amount: sample } })
  expect(body.payment.clientSecret).toMatch(/^pi_.+_secret_/)
  const [intent] = await payments<{ id: string }[]>`select id from payment_intents`
  expect((await authenticate(gateway, intent?.id ?? '', 'succeeded')).status).toBe(200)
  await endLeases()
  const done = await runner().place(orderOf('MUG', { paymentMethod: 'pm_card_authenticationRequired' }), as)
  expect([done.status, (await read(done)).status]).toEqual([201, 'paid'])
  expect(await moneyOf(payments)).toEqual({ captured: sample, refunded: 0, charges: 1 })
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
  expect(await moneyOf(payments)).toEqual({ captured: sample, refunded: 0, charges: 1 })
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
  expect(await moneyOf(payments)).toEqual({ captured: sample, refunded: 0, charges: 1 })
  expect(await drift()).toEqual([])
})

test('money that was captured for an order with another goal is refunded in full, once', async () => {
  const { runner, inventory, orders, payments, endLeases, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  const kill = killAt('capture', 'after')
  void runner(kill.around).place(orderOf('MUG'))
  await kill.killed
  await endLeases()
  await orders`update orders set goal = 'cancelled', failure = '{"code": "cancelled", "detail": "by the customer"}', version = version + 1`
  const [row] = await orders<{ id: string }[]>`select id from orders`
  const undone = killAt('refund', 'after')
  void runner(undone.around).sweep(row?.id ?? '')
  await undone.killed
  await endLeases()
  expect(await read(await runner().sweep(row?.id ?? ''))).toMatchObject({ status: 'cancelled' })
  expect(await moneyOf(payments)).toEqual({ captured: sample, refunded: sample, charges: 1 })
  expect(await stockOf(inventory, 'MUG')).toEqual({ onHand: 10, reserved: 0 })
  expect(await drift()).toEqual([])
})

/** Kills a runner at its nth step of any kind. */
function killAtStep(count: number, moment: 'before' | 'after') {
  const killed = Promise.withResolvers<'killed'>()
  const never = new Promise<never>(() => {})
  let steps = 0
  const around: Around = async (_, run) => {
    steps += 1
    if (steps < count) return run()
    if (steps === count && moment === 'after') await run()
    killed.resolve('killed')
    return never
  }
  return { around, killed: killed.promise }
}

const endings = {
  'a paid order': { body: orderOf('MUG'), status: 'paid' },
  'a declined one': { body: orderOf('MUG', { paymentMethod: 'pm_card_visa_chargeDeclined' }), status: 'rejected' },
  'one that is out of stock': { body: orderOf('NONE-LEFT'), status: 'rejected' },
  'one at another price': { body: orderOf('MUG', { expectedTotal: { amount: 1, currency: 'EUR' } }), status: 'rejected' },
}
const moments = (['before', 'after'] as const).flatMap((moment) =>
  Object.keys(endings).map((name) => ({ moment, name: name as keyof typeof endings })),
)

test.each(moments)(
  'whichever step its runner is killed at ($moment), $name comes to the same end with books that balance',
  async ({ name, moment }) => {
    const { runner, inventory, orders, payments, endLeases, drift } = await startSaga()
    await addProducts(inventory, { sku: 'MUG', onHand: 50 }, { sku: 'NONE-LEFT', onHand: 0 })
    const { body, status } = endings[name]
    let kills = 0
    for (let count = 1; ; count++) {
      const as = { account: crypto.randomUUID(), idempotencyKey: newKey() }
      const kill = killAtStep(count, moment)
      const first = runner(kill.around).place(body, as)
      const outcome = await Promise.race([kill.killed, first])
      if (outcome !== 'killed') break
      kills += 1
      await endLeases()
      const again = await runner().place(body, as)
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      expect(await orders`select status::text from orders where idempotency_key = ${as.idempotencyKey}`).toEqual([{ status }])
      expect(await drift()).toEqual([])
    }
    expect(kills).toBeGreaterThan(2)
    const sold = status === 'paid' ? kills + 1 : 0
    expect(await stockOf(inventory, 'MUG')).toEqual({ onHand: 50 - sold, reserved: 0 })
    expect((await moneyOf(payments)).captured).toBe(sold * sample)
  },
)

test('while a neighbour is away the order stays open, and is finished when it is back', async () => {
  const { runner, inventory, orders, endLeases, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG' })
  let away = true
  const around: Around = (step, run) => (step === 'commit' && away ? Promise.reject(new Error('no route to host')) : run())
  const shop = runner(around)
  const open = await shop.place(orderOf('MUG'), { headers: { prefer: 'wait=1' } })
  expect([open.status, (await read(open)).status]).toEqual([202, 'pending'])
  away = false
  await endLeases()
  const [row] = await orders<{ id: string }[]>`select id from orders`
  expect(await read(await shop.sweep(row?.id ?? ''))).toMatchObject({ status: 'paid' })
  expect(await drift()).toEqual([])
})
