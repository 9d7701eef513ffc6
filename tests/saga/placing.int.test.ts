import { expect, test } from 'vitest'
import { addProducts, stockOf } from '#db/inventory/testing.ts'
import { holdLock, untilBlocked } from '#shared/testing/until.ts'
import { pauseBefore } from './runners.ts'
import { moneyOf, newKey, orderOf, read, startSaga, unitTotal } from './shop.ts'

test('an order is held, charged and sold in one go', async () => {
  const { runner, inventory, payments, drift } = await startSaga()
  await addProducts(inventory, { sku: 'MUG', onHand: 5 })
  const response = await runner().place(orderOf('MUG', { quantity: 2, expectedTotal: { amount: 2 * unitTotal, currency: 'EUR' } }))
  expect(response.status).toBe(201)
  expect(await read(response)).toMatchObject({ status: 'paid', total: { amount: 2 * unitTotal, currency: 'EUR' } })
  expect(await stockOf(inventory, 'MUG')).toEqual({ onHand: 3, reserved: 0 })
  expect(await moneyOf(payments)).toEqual({ captured: 2 * unitTotal, refunded: 0, charges: 1 })
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
  expect(await moneyOf(payments)).toEqual({ captured: unitTotal, refunded: 0, charges: 1 })
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
  expect(await response.json()).toMatchObject({ code: 'total_changed', total: { amount: unitTotal, currency: 'EUR' } })
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
  expect(await moneyOf(payments)).toEqual({ captured: unitTotal, refunded: 0, charges: 1 })
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
