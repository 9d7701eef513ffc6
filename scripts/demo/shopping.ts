import { holdLock, untilBlocked } from '../../shared/testing/until.ts'
import { LAST_UNIT_SKU } from '../../db/inventory/seed.ts'
import type { Story, Visit } from './story.ts'
import { codeOf, type Order, type Problem, written } from './client.ts'
import { mustBe } from './steps.ts'

type Login = { accessToken: string; expiresIn: number; account: { id: string; email: string; roles: string[] } }
type Product = { title: string; slug: string; variants: { sku: string; available: boolean }[] }
type Page<T> = { items: T[]; nextCursor: string | null }
type Quote = Pick<Order, 'subtotal' | 'tax' | 'total'>

const address = { name: 'A. Customer', line1: 'Market Square 1', city: 'Berlin', postalCode: '10115', country: 'DE' }
const password = 'correct horse battery'

/** The body of an order for one SKU. */
export const orderOf = (sku: string, { quantity = 1, paymentMethod = 'pm_card_visa' } = {}) => ({
  items: [{ sku, quantity }],
  shippingAddress: address,
  paymentMethod,
})

/** How many units of a SKU can be ordered now. */
export async function available({ client }: Pick<Visit, 'client'>, sku: string): Promise<number> {
  const { body } = await client.get<{ available: number }>(`/v1/stock/${sku}`)
  return body.available
}

/** Registers, logs in and looks around; gives the token and the SKU that was chosen. */
export async function browse({ client, step, mark }: Visit) {
  const who = { email: `ada${mark}@shop.example`, password }
  let token = ''
  let product: Product | undefined
  await step('register', async () => {
    const { status, body } = await client.post<Login>('/v1/auth/register', { body: { ...who, name: 'Ada' } })
    mustBe('the answer', [status, body.account?.roles], [201, ['customer']])
    return `201, account ${body.account.id}`
  })
  await step('log in', async () => {
    const { status, body } = await client.post<Login>('/v1/auth/login', { body: who })
    mustBe('the status', status, 200)
    token = body.accessToken
    return `200, a token that is good for ${body.expiresIn} s`
  })
  await step('list products', async () => {
    const { status, body } = await client.get<Page<Product>>('/v1/products?limit=5')
    mustBe('the answer', [status, body.items?.length, typeof body.nextCursor], [200, 5, 'string'])
    product = body.items.find(({ variants }) => variants[0]?.available)
    return `200, ${body.items.length} and a cursor to more; the newest is "${body.items[0]?.title}"`
  })
  await step('read one product', async () => {
    const { status, body } = await client.get<Product>(`/v1/products/${product?.slug}`)
    mustBe('the answer', [status, body], [200, product])
    return `200, "${body.title}" with ${body.variants.length} variants`
  })
  return { token, sku: product?.variants[0]?.sku ?? '' }
}

/** Asks for the price, orders, pays and reads the order; then asks the same again. */
export async function buy(visit: Visit, { token, sku }: { token: string; sku: string }) {
  const { client, step, mark, checkCharge } = visit
  const body = orderOf(sku, { quantity: 2 })
  const request = { token, body, headers: { 'idempotency-key': `demo-order-0000000001${mark}` } }
  const before = await available(visit, sku)
  let total: Quote['total'] | undefined
  let order: Order | undefined
  await step(`quote 2 × ${sku} to ${address.country}`, async () => {
    const quote = await client.post<Quote>('/v1/quotes', { body: { items: body.items, country: address.country } })
    mustBe('the status', quote.status, 200)
    total = quote.body.total
    return `200, ${written(quote.body.subtotal)} + ${written(quote.body.tax)} tax = ${written(quote.body.total)}`
  })
  await step('order it and pay with pm_card_visa', async () => {
    const placed = await client.post<Order>('/v1/orders', { ...request, body: { ...body, expectedTotal: total } })
    mustBe('the answer', [placed.status, placed.body.status, placed.body.total], [201, 'paid', total])
    mustBe('what was captured', placed.body.payment.captured, total)
    order = placed.body
    return `201, paid ${written(order.total)}, order ${order.id}`
  })
  await step('read it in the order history', async () => {
    const list = await client.get<Page<Order>>('/v1/orders', { token })
    mustBe('the history', list.body, { items: [order], nextCursor: null })
    const one = await client.get<Order>(`/v1/orders/${order?.id}`, { token })
    mustBe('the answer', [one.status, one.body], [200, order])
    return `200, ${one.body.status}; ${before} units became ${await available(visit, sku)}`
  })
  await step('send the same request with the same key', async () => {
    const again = await client.post<Order>('/v1/orders', { ...request, body: { ...body, expectedTotal: total } })
    mustBe('the answer', [again.status, again.headers.get('idempotent-replayed'), again.body], [201, 'true', order])
    mustBe('the stock', await available(visit, sku), before - 2)
    await checkCharge(order?.id ?? '', total?.amount ?? 0)
    return '201, replayed: one order, one charge'
  })
}

/** A card that is declined leaves nothing behind. */
export async function beDeclined(visit: Visit, { token, sku }: { token: string; sku: string }) {
  await visit.step('order with a card that is declined', async () => {
    const before = await available(visit, sku)
    const { status, body } = await visit.client.post<Problem>('/v1/orders', {
      token,
      body: orderOf(sku, { paymentMethod: 'pm_card_visa_chargeDeclined' }),
      headers: { 'idempotency-key': `demo-order-0000000002${visit.mark}` },
    })
    mustBe('the answer', [status, codeOf(body), body.declineCode], [402, 'payment-declined', 'generic_decline'])
    mustBe('the stock', await available(visit, sku), before)
    await visit.checkCharge(body.orderId ?? '', 0)
    return `402 ${codeOf(body)} (${body.declineCode}); still ${before} units, nothing charged`
  })
}

/** Two customers want the last unit at the same moment: both are held up until both have asked for it. */
export async function raceForLastUnit(story: Story, token: string) {
  const { client, step, databases } = story
  const rival = await client.post<Login>('/v1/auth/register', { body: { email: 'grace@shop.example', password } })
  await step(`two customers order the last ${LAST_UNIT_SKU} at once`, async () => {
    mustBe('the stock', await available(story, LAST_UNIT_SKU), 1)
    const lock = await holdLock(databases.inventory, (tx) => tx`select from stock where sku = ${LAST_UNIT_SKU} for update`)
    const order = (buyer: string) => {
      const headers = { 'idempotency-key': 'demo-last-unit-0000001' }
      return client.post<Order & Problem>('/v1/orders', { token: buyer, headers, body: orderOf(LAST_UNIT_SKU) })
    }
    const both = Promise.all([token, rival.body.accessToken].map(order))
    both.catch(() => {})
    try {
      await untilBlocked(databases.inventory, 2)
    } finally {
      await lock.release()
    }
    const [won, lost] = (await both).toSorted((a, b) => a.status - b.status)
    mustBe('the statuses', [won?.status, lost?.status], [201, 409])
    mustBe('the refusal', codeOf(lost?.body ?? { type: '' }), 'out-of-stock')
    mustBe('the stock', await available(story, LAST_UNIT_SKU), 0)
    return '201 for one, 409 out-of-stock for the other; 0 left'
  })
}
