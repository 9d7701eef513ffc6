import { badRequestsOf, validBodies } from '../e2e/bad-requests.ts'
import { newKey, orderOf, type RunningShop } from '../e2e/running-shop.ts'
import { askInside, countIn, routes, tallied, type Tally } from './tally.ts'

const password = 'correct horse battery'

type Tokens = { readonly accessToken: string; readonly refreshToken: string }

/**
 * One round of traffic: every public route asked rightly and in each wrong way, orders that come to every end, a sweep, and a
 * table that is away for a moment. What the functions must count for it is written down in `tally`.
 */
export async function driveShop(shop: RunningShop, tally: Tally): Promise<void> {
  const ask = tallied(shop, tally)
  const accessToken = await visit(ask)
  await orders(shop, tally, accessToken)
  await browse(ask, accessToken)
  for (const route of routes) {
    for (const { path, ...asking } of badRequestsOf(route, accessToken)) await ask(route.method, path, asking)
    if (!route.isPublic) await ask(route.method, route.path.replace('{id}', crypto.randomUUID()), { body: validBodies[route.name] })
  }
  await failing(shop, tally)
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

/** How an order goes: what it is answered, and what its function asks of its neighbours on the way. */
const endings: readonly {
  readonly paymentMethod?: string
  readonly quantity?: number
  readonly status: number
  readonly calls: string[]
}[] = [
  {
    status: 201,
    calls: [
      'reservations Reserve OK',
      'payment-gateway POST /v1/payment_intents 200',
      'reservations Commit OK',
      'payment-gateway POST /v1/payment_intents/:id/capture 200',
      'payment-gateway GET /v1/payment_intents/:id 200',
    ],
  },
]

async function orders(shop: RunningShop, tally: Tally, token: string) {
  const ask = tallied(shop, tally)
  for (const { status, calls, ...asked } of endings) {
    const answer = await ask('POST', '/v1/orders', { token, body: orderOf('MUG-0001', asked), headers: newKey() })
    if (answer.status !== status) throw new Error(`${JSON.stringify(asked)} is answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    for (const call of calls) countCall(tally, 'orders', call)
  }
  await askInside(shop, tally, 'order-sweeper', 'POST', '/sweep')
}

/** A call from one function to another is counted by both. */
function countCall(tally: Tally, from: string, call: string) {
  const [to = '', method = '', ...rest] = call.split(' ')
  countIn(tally, call)
  countIn(tally, `${from} > ${to} ${method} ${rest.at(-1)}`)
}

async function failing(shop: RunningShop, tally: Tally) {
  const { inventory } = shop.sql
  await inventory`alter table stock rename to stock_away`
  try {
    const { status } = await tallied(shop, tally)('GET', '/v1/stock/MUG-0001')
    if (status !== 500) throw new Error(`a function whose table is away answers ${status}`)
  } finally {
    await inventory`alter table stock_away rename to stock`
  }
}
