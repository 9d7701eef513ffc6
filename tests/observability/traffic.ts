import { badRequestsOf, validBodies } from '../e2e/bad-requests.ts'
import { newKey, orderOf, type RunningShop, send } from '../e2e/running-shop.ts'
import { countIn, routes, tallied, type Tally } from './tally.ts'

const password = 'correct horse battery'

type Tokens = { readonly accessToken: string; readonly refreshToken: string }

/**
 * One round of traffic: every public route asked rightly and in each wrong way, orders that come to every end, a sweep, and a
 * table that is away for a moment. What the functions must count for it is added to `sent`.
 */
export async function driveShop(shop: RunningShop, sent: Tally): Promise<void> {
  const ask = tallied(shop, sent)
  const accessToken = await visit(ask)
  await orders(ask, accessToken)
  await sweep(shop, sent)
  await browse(ask, accessToken)
  for (const route of routes) {
    for (const { path, ...asking } of badRequestsOf(route, accessToken)) await ask(route.method, path, asking)
    if (!route.isPublic) await ask(route.method, route.path.replace('{id}', crypto.randomUUID()), { body: validBodies[route.name] })
  }
  await failing(shop, ask)
}

/** A visitor becomes a customer, whose token it gives. */
async function visit(ask: RunningShop['ask']): Promise<string> {
  const who = { email: `${crypto.randomUUID()}@shop.example`, password }
  await ask('POST', '/v1/auth/register', { body: who })
  await ask('POST', '/v1/auth/register', { body: who })
  await ask('POST', '/v1/auth/login', { body: { ...who, password: `${password}, not` } })
  const login = await ask('POST', '/v1/auth/login', { body: who })
  const { refreshToken } = login.body as Tokens
  const refreshed = await ask('POST', '/v1/auth/refresh', { body: { refreshToken } })
  const { accessToken, ...next } = refreshed.body as Tokens
  await ask('POST', '/v1/auth/refresh', { body: { refreshToken } })
  await ask('POST', '/v1/auth/logout', { body: { refreshToken: next.refreshToken } })
  await ask('PATCH', '/v1/me', { token: accessToken, body: { name: 'Ada' } })
  return accessToken
}

async function browse(ask: RunningShop['ask'], token: string) {
  const list = await ask('GET', '/v1/products?limit=3')
  const [product] = (list.body as { items: { slug: string; variants: { sku: string }[] }[] }).items
  const sku = product?.variants[0]?.sku
  const paths = ['/.well-known/jwks.json', '/v1/categories', `/v1/products/${product?.slug}`, `/v1/prices/${sku}`, `/v1/stock/${sku}`]
  for (const path of paths) {
    const { headers } = await ask('GET', path)
    await ask('GET', path, { headers: { 'if-none-match': headers.get('etag') ?? '' } })
    await ask('HEAD', path)
    await ask('DELETE', path)
  }
  await ask('POST', '/v1/quotes', { body: { items: [{ sku, quantity: 2 }], country: 'DE' } })
  await ask('GET', '/v1/me', { token })
  const history = await ask('GET', '/v1/orders', { token })
  await ask('GET', `/v1/orders/${(history.body as { items: { id: string }[] }).items[0]?.id}`, { token })
  for (const path of ['/', '/docs', '/openapi.json', '/v1/nothing', '/internal/orders']) await ask('GET', path)
  await ask('DELETE', '/v1/orders', { token })
  await ask('PROPFIND', '/v1/products')
}

type Ending = { readonly asked?: Parameters<typeof orderOf>[1]; readonly more?: object; readonly status: number }

/** Every end that an order comes to while all goes well. */
const endings: readonly Ending[] = [
  { status: 201 },
  { asked: { paymentMethod: 'pm_card_chargeDeclined' }, status: 402 },
  { asked: { paymentMethod: 'pm_card_threeDSecure2Required' }, status: 202 },
  { asked: { quantity: 999 }, status: 409 },
  { more: { expectedTotal: { amount: 1, currency: 'EUR' } }, status: 409 },
  { more: { items: [{ sku: 'NONE-0001', quantity: 1 }] }, status: 422 },
]

async function orders(ask: RunningShop['ask'], token: string) {
  for (const { asked, more, status } of endings) {
    const order = { token, body: { ...orderOf('MUG-0001', asked), ...more }, headers: newKey() }
    const answer = await ask('POST', '/v1/orders', order)
    if (answer.status !== status) throw new Error(`${JSON.stringify(order.body)} is answered ${answer.status}`)
    await ask('POST', '/v1/orders', order)
    await ask('POST', '/v1/orders', { ...order, body: { ...order.body, paymentMethod: 'pm_card_mastercard' } })
  }
}

/** A customer does not come back from the bank; the order is due, and the sweep looks after it. */
async function sweep(shop: RunningShop, sent: Tally) {
  await shop.sql.orders`update orders set due_at = now() - interval '2 minutes' where status = 'requires_action'`
  const { status } = await send(`${shop.urls['order-sweeper']}/sweep`, 'POST')
  countIn(sent, `order-sweeper POST /sweep ${status}`)
}

async function failing(shop: RunningShop, ask: RunningShop['ask']) {
  const { inventory } = shop.sql
  await inventory`alter table stock rename to stock_away`
  try {
    const { status } = await ask('GET', '/v1/stock/MUG-0001')
    if (status !== 500) throw new Error(`a function whose table is away answers ${status}`)
  } finally {
    await inventory`alter table stock_away rename to stock`
  }
}
