import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { addProducts, stockDrift, stockOf } from '#db/inventory/testing.ts'
import { openPg } from '#shared/pg/pg.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { holdLock, untilBlocked } from '#shared/testing/until.ts'
import { type Basket, type Reserved, reservationsStore } from './store.ts'

async function setup() {
  const { url, sql } = await freshDatabase('inventory')
  const pg = openPg(url, { name: 'test', max: 12 })
  onTestFinished(pg.close)
  return { sql, store: reservationsStore(pg) }
}

const basket = (...items: [string, number][]): Basket => ({
  items: items.map(([sku, quantity]) => ({ sku, quantity })),
  country: 'DE',
  currency: 'EUR',
  ttlSeconds: 60,
})
const newId = () => randomUUID()
const holdOf = (reserved: Reserved) => {
  if (reserved.result !== 'hold') throw new Error(`expected a hold, got ${reserved.result}`)
  return reserved.hold
}

test('a hold is priced with tax per line and sums the quantities of one SKU', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'CUP', amount: 1_005 }, { sku: 'MUG', amount: 999 })
  const hold = holdOf(await store.reserve(newId(), basket(['MUG', 1], ['CUP', 1], ['MUG', 2])))
  expect(hold).toMatchObject({ status: 'held', currency: 'EUR', subtotal: 1_005 + 2_997, tax: 191 + 569, total: 4_762 })
  expect(hold.lines).toEqual([
    { sku: 'CUP', title: 'Product CUP', quantity: 1, unitPrice: 1_005, subtotal: 1_005, taxRate: 1_900, tax: 191, total: 1_196 },
    { sku: 'MUG', title: 'Product MUG', quantity: 3, unitPrice: 999, subtotal: 2_997, taxRate: 1_900, tax: 569, total: 3_566 },
  ])
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 10, reserved: 3 })
})

test('a basket is held whole or not at all', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'CUP', onHand: 5 }, { sku: 'MUG', onHand: 1 })
  expect(await store.reserve(newId(), basket(['CUP', 1], ['MUG', 2]))).toEqual({ result: 'shortage', skus: ['MUG'] })
  expect(await store.reserve(newId(), basket(['CUP', 1], ['NONE', 1]))).toEqual({ result: 'unknown', skus: ['NONE'] })
  expect(await stockOf(sql, 'CUP')).toEqual({ onHand: 5, reserved: 0 })
  expect((await sql`select from holds`).length).toBe(0)
})

test('of ten buyers who queue for one unit exactly one gets it', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'LAST', onHand: 1 })
  // All ten have taken their snapshot, in which the unit is free, before the first of them may lock its row.
  const lock = await holdLock(sql, (tx) => tx`select from stock where sku = 'LAST' for update`)
  const attempts = Array.from({ length: 10 }, () => store.reserve(newId(), basket(['LAST', 1])))
  await untilBlocked(sql, 10)
  await lock.release()
  const results = (await Promise.all(attempts)).map((reserved) => reserved.result)
  expect(results.toSorted()).toEqual(['hold', ...Array.from({ length: 9 }, () => 'shortage')])
  expect(await stockOf(sql, 'LAST')).toEqual({ onHand: 1, reserved: 1 })
})

test('a unit that is given back while a buyer waits is sold to that buyer', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'LAST', onHand: 1 })
  const first = newId()
  await store.reserve(first, basket(['LAST', 1]))
  // The buyer's snapshot shows no unit left; the row it then locks does.
  const lock = await holdLock(sql, (tx) => tx`select from stock where sku = 'LAST' for update`)
  const releasing = store.release(first)
  await untilBlocked(sql, 1)
  const buying = store.reserve(newId(), basket(['LAST', 1]))
  await untilBlocked(sql, 2)
  await lock.release()
  await releasing
  expect((await buying).result).toBe('hold')
  expect(await stockOf(sql, 'LAST')).toEqual({ onHand: 1, reserved: 1 })
})

test('two identical reserves at once answer the same and hold once', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'LAST', onHand: 1 })
  const id = newId()
  const lock = await holdLock(sql, (tx) => tx`select from stock where sku = 'LAST' for update`)
  const twins = [store.reserve(id, basket(['LAST', 1])), store.reserve(id, basket(['LAST', 1]))]
  await untilBlocked(sql, 2)
  await lock.release()
  const [first, second] = await Promise.all(twins)
  expect(first).toEqual(second)
  expect(first?.result).toBe('hold')
  expect(await stockOf(sql, 'LAST')).toEqual({ onHand: 1, reserved: 1 })
})

test('a price change between two attempts does not change the amount', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'MUG', amount: 1_000 })
  const id = newId()
  const before = holdOf(await store.reserve(id, basket(['MUG', 1])))
  await sql`update prices set amount = 2000`
  expect(holdOf(await store.reserve(id, basket(['MUG', 1])))).toEqual(before)
  await store.release(id)
  expect(holdOf(await store.reserve(id, basket(['MUG', 1])))).toEqual({ ...before, status: 'released' })
})

test('a commit sells once, however often it is sent', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'MUG', onHand: 5 })
  const id = newId()
  await store.reserve(id, basket(['MUG', 2]))
  expect(await store.commit(id)).toMatchObject({ result: 'committed', hold: { status: 'committed' } })
  expect(await store.commit(id)).toMatchObject({ result: 'committed', hold: { status: 'committed' } })
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 3, reserved: 0 })
  expect(await sql`select sku, delta, reason from stock_ledger where order_id = ${id}`).toEqual([{ sku: 'MUG', delta: -2, reason: 'sold' }])
  expect(await stockDrift(sql)).toEqual([])
})

test('a release gives back what was held or sold, once', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'MUG', onHand: 5 })
  const [held, sold] = [newId(), newId()]
  await store.reserve(held, basket(['MUG', 2]))
  await store.reserve(sold, basket(['MUG', 1]))
  await store.commit(sold)
  for (const id of [held, sold, held, sold]) await store.release(id)
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 5, reserved: 0 })
  expect(await stockDrift(sql)).toEqual([])
  expect(await store.commit(held)).toEqual({ result: 'refused', reason: 'the hold was released' })
})

test('a release before a late reserve wins', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'MUG', onHand: 5 })
  const id = newId()
  await store.release(id)
  expect(holdOf(await store.reserve(id, basket(['MUG', 1])))).toMatchObject({ status: 'released', lines: [] })
  expect(await store.commit(id)).toEqual({ result: 'refused', reason: 'the hold was released' })
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 5, reserved: 0 })
})

test('a release that meets a reserve under way releases what it holds', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'MUG', onHand: 5 })
  const id = newId()
  // The reserve has inserted its hold and not committed: the release cannot see it, but its tombstone collides with it.
  const reserving = await holdLock(
    sql,
    (tx) => tx`
      with hold as (
        insert into holds (order_id, status, currency, lines, subtotal, total, expires_at)
        values (${id}, 'held', 'EUR', '[{"sku": "MUG", "quantity": 2}]', 1, 1, now() + interval '1 minute')
      )
      update stock set reserved = 2 where sku = 'MUG'`,
  )
  const releasing = store.release(id)
  await untilBlocked(sql, 1)
  await reserving.release()
  await releasing
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 5, reserved: 0 })
  expect(await sql`select status from holds`).toEqual([{ status: 'released' }])
})

const expire = (sql: Awaited<ReturnType<typeof setup>>['sql'], id: string) =>
  sql`update holds set expires_at = now() - interval '1 second' where order_id = ${id}`

test('a hold that is over gives way to the next buyer, and its commit fails', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'LAST', onHand: 1 }, { sku: 'MUG', onHand: 3 })
  const [slow, quick] = [newId(), newId()]
  await store.reserve(slow, basket(['LAST', 1], ['MUG', 2]))
  expect(await store.reserve(quick, basket(['LAST', 1]))).toEqual({ result: 'shortage', skus: ['LAST'] })
  await expire(sql, slow)
  expect(holdOf(await store.reserve(quick, basket(['LAST', 1]))).status).toBe('held')
  expect(await store.commit(slow)).toEqual({ result: 'shortage', skus: ['LAST'] })
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 3, reserved: 0 })
  expect(await stockDrift(sql)).toEqual([])
})

test('the commit of a hold that is over takes the stock again when it is still there', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'MUG', onHand: 3 })
  const id = newId()
  await store.reserve(id, basket(['MUG', 2]))
  await expire(sql, id)
  expect(await store.takeBackOver(['MUG'])).toBe(1)
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 3, reserved: 0 })
  expect(await store.commit(id)).toMatchObject({ result: 'committed' })
  expect(await stockOf(sql, 'MUG')).toEqual({ onHand: 1, reserved: 0 })
  expect(await stockDrift(sql)).toEqual([])
})

test.each(['commit first', 'take-back first'])('a commit and a take-back of the same hold at once do not deadlock: %s', async (order) => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'A', onHand: 1 }, { sku: 'B', onHand: 1 })
  const id = newId()
  await store.reserve(id, basket(['B', 1], ['A', 1]))
  await expire(sql, id)
  // Both queue behind the first stock row; neither may have locked the hold by then.
  const lock = await holdLock(sql, (tx) => tx`select from stock where sku = 'A' for update`)
  const steps = [() => store.commit(id), () => store.takeBackOver(['A'])]
  const running: Promise<unknown>[] = []
  for (const step of order === 'commit first' ? steps : steps.toReversed()) {
    running.push(step())
    await untilBlocked(sql, running.length)
  }
  await lock.release()
  await Promise.all(running)
  expect(await sql`select status from holds`).toEqual([{ status: 'committed' }])
  expect(await stockOf(sql, 'A')).toEqual({ onHand: 0, reserved: 0 })
  expect(await stockDrift(sql)).toEqual([])
})

test('baskets that name the same SKUs in another order do not deadlock', async () => {
  const { sql, store } = await setup()
  await addProducts(sql, { sku: 'A', onHand: 5 }, { sku: 'B', onHand: 5 })
  const lock = await holdLock(sql, (tx) => tx`select from stock where sku = 'A' for update`)
  const attempts = [store.reserve(newId(), basket(['A', 1], ['B', 1])), store.reserve(newId(), basket(['B', 1], ['A', 1]))]
  await untilBlocked(sql, 2)
  await lock.release()
  expect((await Promise.all(attempts)).map((reserved) => reserved.result)).toEqual(['hold', 'hold'])
})
