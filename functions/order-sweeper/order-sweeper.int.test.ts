import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { expect, onTestFinished, test } from 'vitest'
import { serviceTokens } from '#shared/auth/service-token.ts'
import { createApp } from '#shared/http/create-app.ts'
import { httpClient } from '#shared/http/http-client.ts'
import { json, route } from '#shared/http/route.ts'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import { serveHttp } from '#shared/server/http.ts'
import { freshDatabase, type TestDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { serve } from '#shared/testing/serve.ts'
import { orderSweeperApp } from './app.ts'
import { orderSweeperStore } from './store.ts'

const identity = testIdentity()
const log = createLog('test', 'silent')

test('every order that is due and free is settled by orders, whatever becomes of the others', async () => {
  const { sql, sweep } = await setup((id) => {
    if (id === lost) throw new Error('out of order')
    if (id === taken) throw new Problem(problems.conflict)
    return id === open ? 'requires_action' : 'paid'
  })
  const [settled, open, lost, taken] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  for (const id of [settled, open, lost, taken]) await insertOrder(sql, id, { due: '-1 s', lease: '-1 s' })
  const { answer, calls } = await sweep()
  expect(answer).toEqual({ due: 4, settled: 1, open: 2, failed: 1, webhooks: 2 })
  expect(calls.toSorted()).toEqual([settled, open, lost, taken].toSorted())
})

test('an order is left alone while it is not due, while a runner holds it, and once nothing is open', async () => {
  const { sql, sweep } = await setup(() => 'paid')
  await insertOrder(sql, randomUUID(), { due: '1 min', lease: '-1 s' })
  await insertOrder(sql, randomUUID(), { due: '-1 s', lease: '1 min' })
  const closed = randomUUID()
  await insertOrder(sql, closed, { due: '-1 s', lease: '-1 s' })
  await sql`update orders set status = 'cancelled', goal = 'cancelled', failure = '{ "code": "c", "detail": "d" }', due_at = null where id = ${closed}`
  expect(await sweep()).toEqual({ answer: { due: 0, settled: 0, open: 0, failed: 0, webhooks: 2 }, calls: [] })
})

test('the orders that have waited longest come first, a hundred at a time', async () => {
  const { sql, sweep } = await setup(() => 'paid')
  for (let seconds = 1; seconds <= 103; seconds++) await insertOrder(sql, randomUUID(), { due: `-${seconds} s`, lease: '-1 s' })
  const { answer, calls } = await sweep()
  expect(answer).toEqual({ due: 100, settled: 100, open: 0, failed: 0, webhooks: 2 })
  const [left] = await sql`
    select count(*)::int, max(now() - due_at) < (select min(now() - due_at) from orders where id = any(${calls}::uuid[])) as fresher
    from orders where not id = any(${calls}::uuid[])`
  expect(left).toEqual({ count: 3, fresher: true })
})

test('when orders and the payment gateway are away each order counts as failed and the sweep still answers', async () => {
  const { sql, sweepWith } = await setup(() => 'paid')
  await insertOrder(sql, randomUUID(), { due: '-1 s', lease: '-1 s' })
  expect(await sweepWith('http://127.0.0.1:1')).toEqual({ due: 1, settled: 0, open: 0, failed: 1, webhooks: 0 })
})

/** A sweeper on a real database, and a small `orders` on a real socket that lets only the sweeper in. */
async function setup(settle: (id: string) => string) {
  const { readerUrl, sql } = await freshDatabase('orders')
  const pg = openPg(readerUrl, { name: 'test' })
  onTestFinished(pg.close)
  const calls: string[] = []
  const url = await startOrders((id) => {
    calls.push(id)
    return settle(id)
  })
  const sweepWith = async (ordersUrl: string, gatewayUrl = ordersUrl) => {
    const token = serviceTokens(identity.signingKey('order-sweeper'), 'order-sweeper', () => new Date())
    const orders = httpClient('orders', ordersUrl, () => token('orders'))
    const gateway = httpClient('payment-gateway', gatewayUrl, () => token('payment-gateway'))
    onTestFinished(orders.close)
    onTestFinished(gateway.close)
    const app = orderSweeperApp({ store: orderSweeperStore(pg), orders, gateway, log, stopping: new AbortController().signal })
    const answer = await app.request('/sweep', {
      method: 'POST',
      body: '{"a":"scheduled event"}',
      headers: { 'content-type': 'application/cloudevents+json' },
    })
    expect(answer.status).toBe(200)
    return answer.json()
  }
  return { sql, sweepWith, sweep: async () => ({ answer: await sweepWith(url, await startGateway()), calls }) }
}

async function startOrders(settle: (id: string) => string): Promise<string> {
  const app = createApp({ name: 'orders', log, jwks: identity.jwks })
  const contract = route({
    method: 'post',
    path: '/internal/orders/{id}/settle',
    access: { services: ['order-sweeper'] },
    request: { params: z.object({ id: z.uuid() }) },
    responses: { 200: json(z.object({ status: z.string() }), 'Settled') },
  })
  app.openapi(contract, (c) => c.json({ status: settle(c.req.valid('param').id) }, 200))
  const listener = await serveHttp(app, async () => {})({ host: '127.0.0.1', port: 0, onAnswer: () => {} })
  onTestFinished(() => listener.close(0))
  return `http://127.0.0.1:${listener.port}`
}

/** A small payment gateway on a real socket that has two webhooks to send and lets only the sweeper in. */
async function startGateway(): Promise<string> {
  const app = createApp({ name: 'payment-gateway', log, jwks: identity.jwks })
  const contract = route({
    method: 'post',
    path: '/internal/deliver',
    access: { services: ['order-sweeper'] },
    responses: { 200: json(z.object({ attempts: z.int() }), 'Delivered') },
  })
  app.openapi(contract, (c) => c.json({ attempts: 2 }, 200))
  return serve(app)
}

async function insertOrder(sql: TestDatabase['sql'], id: string, { due, lease }: { due: string; lease: string }) {
  await sql`
    insert into orders (id, account_id, lease_until, due_at, idempotency_scope, idempotency_key, fingerprint, items, shipping_address, payment_method, currency)
    values (${id}, ${id}, now() + ${lease}::interval, now() + ${due}::interval, ${id}, 'key', 'fingerprint', '[]', '{}', 'pm_card_visa', 'EUR')`
}
