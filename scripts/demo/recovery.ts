import { setTimeout as wait } from 'node:timers/promises'
import { holdLock, until, untilBlocked } from '../../shared/testing/until.ts'
import { chargesOf } from './books.ts'
import { codeOf, type Order, type Problem, written } from './client.ts'
import { orderOf } from './shopping.ts'
import { mustBe } from './steps.ts'
import type { Story } from './story.ts'

const NOTE_EVERY_MS = 5_000

/** `orders` is killed when a payment is authorised and not yet captured; the sweeper has the order finished. */
export async function recover(story: Story, { token, sku }: { token: string; sku: string }) {
  const { client, step, shop, databases } = story
  let order: Order | undefined
  await step('kill orders between authorise and capture', async () => {
    const answer = await killBeforeCapture(story, { token, sku })
    mustBe('the answer', [answer.status, codeOf(answer.body)], [503, 'unavailable'])
    return `SIGKILL; the customer got ${answer.status} ${codeOf(answer.body)}`
  })
  await step('start orders again and read the order', async () => {
    await shop.restart('orders')
    const { body } = await client.get<{ items: Order[] }>('/v1/orders?limit=1', { token })
    order = body.items[0]
    mustBe('the status', order?.status, 'pending')
    mustBe('the charge', await chargesOf(databases, order?.id ?? ''), { charges: 1, captured: 0 })
    return `pending: authorised, nothing captured, order ${order?.id}`
  })
  await step('wait until the lease of the killed one ends', async () => {
    await untilLeaseEnds(story, order?.id ?? '')
    return 'over: now others may finish its order'
  })
  await step('call the sweeper, as a schedule does', async () => {
    const response = await fetch(`${shop.urls['order-sweeper']}/sweep`, { method: 'POST' })
    const swept = (await response.json()) as object
    mustBe('the answer', [response.status, swept], [200, { due: 1, settled: 1, open: 0, failed: 0, webhooks: 0 }])
    return '200, 1 order due, 1 settled'
  })
  await step('read the order until it is paid', async () => {
    const read = () => client.get<Order>(`/v1/orders/${order?.id}`, { token })
    await until('the order is paid', async () => (await read()).body.status === 'paid')
    const { total, payment } = (await read()).body
    mustBe('what was captured', payment.captured, total)
    mustBe('the charge', await chargesOf(databases, order?.id ?? ''), { charges: 1, captured: total.amount })
    return `paid ${written(total)} by exactly one charge`
  })
}

/** With the stock ledger locked an order can be held and authorised, but not sold: there its runner is killed. */
async function killBeforeCapture({ client, shop, databases }: Story, { token, sku }: { token: string; sku: string }) {
  const lock = await holdLock(databases.inventory, (tx) => tx`lock table stock_ledger in share mode`)
  try {
    const headers = { 'idempotency-key': 'demo-order-0000000003' }
    const answer = client.post<Problem>('/v1/orders', { token, headers, body: orderOf(sku) })
    answer.catch(() => {})
    await until('the payment is authorised', async () => {
      const rows = await databases.payments`select from payment_intents where status = 'requires_capture'`
      return rows.length === 1
    })
    await untilBlocked(databases.inventory, 1)
    await shop.kill('orders', 'SIGKILL')
    return await answer
  } finally {
    await lock.release()
  }
}

async function untilLeaseEnds({ databases, note, told }: Story, orderId: string) {
  for (;;) {
    const [row] = await databases.orders<{ left: number }[]>`
      select (extract(epoch from lease_until - clock_timestamp()) * 1000)::float8 as left from orders where id = ${orderId}`
    const leftMs = row?.left ?? 0
    if (leftMs < 0) return
    note(`${Math.ceil(leftMs / 1_000)} s to go`)
    await wait(Math.min(leftMs + 10, NOTE_EVERY_MS), undefined, { signal: told })
  }
}
