import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { explain, largestRead } from '#shared/testing/explain.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { sql as text } from 'drizzle-orm'
import { addProducts } from '../../db/inventory/testing.ts'
import { type Service, services } from '../topology.ts'
import { queriesFile } from './prometheus-config.ts'

test('accounts are counted', async () => {
  const users = await setup('users')
  expect(await users.metrics()).toEqual({ shop_accounts: 0 })
  await users.sql`
    insert into accounts (email, password_hash, roles) select n || '@shop.example', '$argon2id$', '{customer}' from generate_series(1, 3) n`
  expect(await users.metrics()).toEqual({ shop_accounts: 3 })
})

test('stock that runs low, holds, and books that do not balance are told', async () => {
  const inventory = await setup('inventory')
  await addProducts(inventory.sql, { sku: 'A' }, { sku: 'B' }, { sku: 'C', onHand: 0 })
  const sound = { shop_holds: 1, shop_holds_overdue: 0, shop_stock_low: 1, shop_stock_drift: 0 }
  await hold(inventory.sql, 'A', { quantity: 3, expires: '1 min' })
  await inventory.sql`update stock set reserved = 3 where sku = 'A'`
  expect(await inventory.metrics()).toEqual(sound)
  await inventory.sql`update stock set low_at = 7 where sku = 'A'`
  expect(await inventory.metrics()).toEqual({ ...sound, shop_stock_low: 2 })

  await inventory.sql`update stock set reserved = 2 where sku = 'A'`
  await inventory.sql`update stock set on_hand = 9 where sku = 'B'`
  await hold(inventory.sql, 'C', { quantity: 1, expires: '-2 min' })
  expect(await inventory.metrics()).toEqual({ shop_holds: 2, shop_holds_overdue: 1, shop_stock_low: 1, shop_stock_drift: 3 })
})

test('open and overdue orders are told by status, and the money by currency', async () => {
  const orders = await setup('orders')
  const none = { open: 0, overdue: 0, oldest_due_seconds: 0 }
  expect(await orders.metrics()).toEqual({ ...named('pending', none), ...named('requires_action', none) })

  await order(orders.sql, { due: '-2 min' })
  await order(orders.sql, { due: '-30 s' })
  await order(orders.sql, { due: '1 min', status: 'requires_action' })
  for (const currency of ['EUR', 'EUR', 'CHF']) await order(orders.sql, { status: 'paid', currency, total: 500, refunded: 100 })
  const { 'shop_orders_oldest_due_seconds{pending}': oldest, ...others } = await orders.metrics()
  expect(oldest).toBeGreaterThanOrEqual(120)
  expect(others).toEqual({
    'shop_orders_open{pending}': 2,
    'shop_orders_overdue{pending}': 1,
    ...named('requires_action', { ...none, open: 1 }),
    'shop_orders_captured_amount{EUR}': 1_000,
    'shop_orders_refunded_amount{EUR}': 200,
    'shop_orders_captured_amount{CHF}': 500,
    'shop_orders_refunded_amount{CHF}': 100,
  })
})

test('what the gateway received and gave back is told in the spelling of the orders', async () => {
  const payments = await setup('payments')
  expect(await payments.metrics()).toEqual({ shop_idempotency_keys: 0 })
  await charges(payments.sql, 2)
  expect(await payments.metrics()).toEqual({
    'shop_gateway_received_amount{EUR}': 1_000,
    'shop_gateway_refunded_amount{EUR}': 200,
    shop_idempotency_keys: 0,
  })
})

test('the books of many orders are summed up from an index, and open orders found by one', async () => {
  const orders = await setup('orders')
  await durably(
    orders.sql,
    (sql) => sql`
      insert into orders (id, account_id, lease_until, idempotency_scope, idempotency_key, fingerprint, items, shipping_address, payment_method,
        currency, status, lines, subtotal, total, captured, payment_intent_id)
      select gen_random_uuid(), gen_random_uuid(), now(), 's', n::text, 'f', '[]', jsonb_build_object('name', repeat('n', 600)), 'pm',
        'EUR', 'paid', '[{}]', 5, 5, 5, 'pi_' || n
      from generate_series(1, 20000) n`,
  )
  await orders.sql`vacuum analyze orders`
  const [open, books] = await Promise.all(orders.queries.map(({ query }) => explain(orders.sql, text.raw(query), {})))
  expect(largestRead(open ?? [])).toBeLessThan(10)
  expect(books?.map((node) => node['Node Type'])).toContain('Index Only Scan')

  const payments = await setup('payments')
  await durably(payments.sql, (sql) => charges(sql, 20_000))
  await payments.sql`vacuum analyze charges`
  const [gateway] = await Promise.all(payments.queries.map(({ query }) => explain(payments.sql, text.raw(query), {})))
  expect(gateway?.map((node) => node['Node Type'])).toContain('Index Only Scan')
})

test('every query of a runbook can be sent to its database as it is', async () => {
  const folder = join(import.meta.dirname, '..', '..', 'docs', 'runbooks')
  const pages = readdirSync(folder).map((page) => readFileSync(join(folder, page), 'utf8'))
  const queries = pages.flatMap((page) => [...page.matchAll(/^```sql (\w+)\n([\s\S]*?)^```$/gm)])
  expect(queries.length).toBeGreaterThan(5)
  for (const service of services) {
    const { monitor } = await setup(service)
    // A page says ORDER-ID where its reader has one.
    const own = queries.filter(([, name]) => name === service).map(([, , query = '']) => query.replaceAll('ORDER-ID', randomUUID()))
    for (const query of own) await monitor.unsafe(query)
  }
  expect(queries.filter(([, name]) => !services.some((service) => service === name))).toEqual([])
})

/** Vacuum marks as visible to everybody only what is on disk, and tests do not wait for the disk elsewhere. */
const durably = (sql: postgres.Sql, write: (sql: postgres.TransactionSql) => Promise<unknown>) =>
  sql.begin(async (transaction) => {
    await transaction`set local synchronous_commit = on`
    await write(transaction)
  })

/** A fresh database, and the committed queries of its service run by the role that the exporter has. */
async function setup(service: Service) {
  const { sql, readerUrl } = await freshDatabase(service)
  const monitor = postgres(readerUrl.replaceAll('reader', 'monitor'), { max: 1, onnotice: () => {} })
  onTestFinished(() => monitor.end({ timeout: 1 }))
  const queries = queriesOf(service)
  const metrics = async () => {
    const rows = await Promise.all(queries.map(async ({ name, query }) => (await monitor.unsafe(query)).map((row) => ({ name, row }))))
    return Object.fromEntries(
      rows.flat().flatMap(({ name, row: { status, currency, ...values } }) => labelled(name, status ?? currency, values)),
    )
  }
  return { sql, monitor, queries, metrics }
}

function labelled(query: string, label: string | undefined, values: Record<string, unknown>) {
  const suffix = label === undefined || label === 'held' ? '' : `{${label}}`
  return Object.entries(values).map(([column, value]) => [`${query}_${column}${suffix}`, Math.floor(Number(value))] as const)
}

const named = (status: string, values: Record<string, number>) => Object.fromEntries(labelled('shop_orders', status, values))

/** The queries of an exporter's file, by the name that its metrics begin with. */
function queriesOf(service: Service) {
  const blocks = readFileSync(queriesFile(service), 'utf8')
    .split(/^(?=\w+:$)/m)
    .slice(1)
  return blocks.map((block) => ({
    name: block.slice(0, block.indexOf(':')),
    query: block.slice(block.indexOf('query: |') + 'query: |'.length, block.indexOf('\n  metrics:')),
  }))
}

const hold = (sql: postgres.Sql, sku: string, { quantity, expires }: { quantity: number; expires: string }) => sql`
  insert into holds (order_id, status, lines, expires_at)
  values (${randomUUID()}, 'held', ${sql.json([{ sku, quantity }])}, now() + ${expires}::interval)`

type TestOrder = { due?: string; status?: string; currency?: string; total?: number; refunded?: number }

const order = (sql: postgres.Sql, { due, status = 'pending', currency = 'EUR', total = 0, refunded = 0 }: TestOrder) => sql`
  insert into orders (id, account_id, lease_until, due_at, idempotency_scope, idempotency_key, fingerprint, items, shipping_address,
    payment_method, currency, status, lines, subtotal, total, captured, refunded, payment_intent_id)
  values (${randomUUID()}, ${randomUUID()}, now(), now() + ${due ?? null}::interval, 's', ${randomUUID()}, 'f', '[]', '{}', 'pm', ${currency},
    ${status}, '[{}]', ${total}, ${total}, ${total}, ${refunded}, 'pi_1')`

/** Charges of 500 of which 100 were given back. */
async function charges(sql: postgres.Sql | postgres.TransactionSql, count: number) {
  await sql`
    insert into payment_intents (id, created, version, status, amount, amount_capturable, amount_received, currency, capture_method,
      latest_charge, client_secret, metadata, details)
    select 'pi_' || n, 0, 1, 'succeeded', 500, 0, 500, 'eur', 'manual', 'ch_' || n, 's', '{}', '{}' from generate_series(1, ${count}::int) n`
  await sql`
    insert into charges (id, payment_intent, created, status, amount, amount_captured, amount_refunded, currency, released, payment_method, metadata)
    select 'ch_' || n, 'pi_' || n, 0, 'succeeded', 500, 500, 100, 'eur', false, 'pm',
      jsonb_build_object('order_id', repeat('n', 200)) from generate_series(1, ${count}::int) n`
}
