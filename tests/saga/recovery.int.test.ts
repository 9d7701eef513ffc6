import { expect, test } from 'vitest'
import { addProducts, stockOf } from '#db/inventory/testing.ts'
import { killAt, killAtStep, pauseBefore } from './runners.ts'
import { moneyOf, newKey, orderOf, read, startSaga, unitTotal, type Around } from './shop.ts'

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
    expect(await moneyOf(payments)).toEqual({ captured: unitTotal, refunded: 0, charges: 1 })
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
  expect(await orders`select total::int from orders`).toEqual([{ total: unitTotal }])
  expect(await moneyOf(payments)).toEqual({ captured: unitTotal, refunded: 0, charges: 1 })
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
  expect(await moneyOf(payments)).toEqual({ captured: unitTotal, refunded: unitTotal, charges: 1 })
  expect(await stockOf(inventory, 'MUG')).toEqual({ onHand: 10, reserved: 0 })
  expect(await drift()).toEqual([])
})

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
    expect((await moneyOf(payments)).captured).toBe(sold * unitTotal)
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
