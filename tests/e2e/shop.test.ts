import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stockDrift, stockOf } from '#db/inventory/testing.ts'
import { userTokenSigner } from '#shared/auth/user-token.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { badRequestsOf, type Document, type Route, routesOf, validBodies } from './bad-requests.ts'
import { contentsOf } from './contents.ts'
import { faultsIn } from './problem.ts'
import { newKey, orderOf, type RunningShop, startTestShop } from './running-shop.ts'

const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../functions/edge/assets/openapi.json'), 'utf8')) as Document
const routes = routesOf(document)
const unknownId = '019422bc-18a0-7001-8000-00000000ffff'

let shop: RunningShop
let token = ''

beforeAll(async () => {
  shop = await startTestShop()
  token = await shop.newCustomer()
})
afterAll(() => shop?.stop())

type Order = { id: string; status: string; total: { amount: number }; payment: { captured: object } }

test('a visitor becomes a customer, buys something and finds it in the order history', async () => {
  const who = { email: 'buyer@shop.example', password: 'correct horse battery' }
  expect((await shop.ask('POST', '/v1/auth/register', { body: who })).status).toBe(201)
  const login = await shop.ask('POST', '/v1/auth/login', { body: who })
  const { accessToken } = login.body as { accessToken: string }
  const list = await shop.ask('GET', '/v1/products?limit=3')
  const [product] = (list.body as { items: { slug: string; variants: { sku: string }[] }[] }).items
  expect((await shop.ask('GET', `/v1/products/${product?.slug}`)).body).toEqual(product)
  const sku = product?.variants[0]?.sku ?? ''
  const before = await stockOf(shop.sql.inventory, sku)

  const quote = await shop.ask('POST', '/v1/quotes', { body: { items: [{ sku, quantity: 2 }], country: 'DE' } })
  const { total } = quote.body as Order
  const body = { ...orderOf(sku, { quantity: 2 }), expectedTotal: total }
  const placed = await shop.ask('POST', '/v1/orders', { token: accessToken, body, headers: newKey() })
  expect([placed.status, placed.body]).toMatchObject([201, { status: 'paid', total, payment: { captured: total } }])
  const { id } = placed.body as Order
  expect((await shop.ask('GET', `/v1/orders/${id}`, { token: accessToken })).body).toEqual(placed.body)
  expect((await shop.ask('GET', '/v1/orders', { token: accessToken })).body).toEqual({ items: [placed.body], nextCursor: null })
  expect(await stockOf(shop.sql.inventory, sku)).toEqual({ onHand: before.onHand - 2, reserved: 0 })
  expect(await stockDrift(shop.sql.inventory)).toEqual([])

  // Somebody else's order does not exist, as far as anybody else can tell.
  expect(faultsIn(await shop.ask('GET', `/v1/orders/${id}`, { token }), 404)).toEqual([])
  expect((await shop.ask('GET', '/v1/orders', { token })).body).toEqual({ items: [], nextCursor: null })
})

test('every route that takes a body is tried with bad ones', () => {
  const taking = routes.filter(({ takesBody }) => takesBody).map(({ name }) => name)
  expect(Object.keys(validBodies).toSorted()).toEqual(taking.toSorted())
})

test.each(routes)('$name refuses what it cannot understand, says why, and writes nothing', async (route) => {
  const before = await contentsOf(shop)
  const faults: string[] = []
  for (const { wrong, status, path, pointer, ...asking } of badRequestsOf(route, token)) {
    const answer = await shop.ask(route.method, path, asking)
    faults.push(...faultsIn(answer, status, pointer).map((fault) => `${wrong}: ${fault}`))
  }
  expect(faults).toEqual([])
  expect(await contentsOf(shop)).toEqual(before)
})

test.each(routes.filter(({ takesBody }) => takesBody))('$name refuses 8 MiB that come without their length', async (route) => {
  const chunk = new TextEncoder().encode('x'.repeat(64 * 1024))
  const body = ReadableStream.from(Array.from({ length: 128 }, () => chunk))
  const headers = { ...newKey(), 'content-type': 'application/json' }
  expect(faultsIn(await shop.ask(route.method, route.path, { token, headers, body }), 413)).toEqual([])
})

test.each(routes.filter(({ isPublic }) => !isPublic))('$name wants a token of this shop, still good and for people', async (route) => {
  const before = await contentsOf(shop)
  const faults: string[] = []
  for (const [wrong, authorization] of Object.entries(await badTokens())) {
    const answer = await askRightly(route, authorization === '' ? {} : { authorization })
    faults.push(...faultsIn(answer, 401).map((fault) => `${wrong}: ${fault}`))
    if (answer.headers.get('www-authenticate') !== 'Bearer') faults.push(`${wrong}: it does not ask for a token`)
  }
  expect(faults).toEqual([])
  expect(await contentsOf(shop)).toEqual(before)
})

test.each(routes.filter(({ path }) => path.startsWith('/v1/orders')))('$name is for customers', async (route) => {
  const staff = await signer()({ ...person(), roles: ['staff'] })
  expect(faultsIn(await askRightly(route, { authorization: `Bearer ${staff}` }), 403)).toEqual([])
})

test.each([...new Set(routes.map(({ path }) => path))])('%s says which methods it has when asked by another', async (path) => {
  const known = routes.filter((route) => route.path === path).map(({ method }) => method)
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((each) => !known.includes(each))) {
    const answer = await shop.ask(method, path.replace(/\{\w+\}/, 'MUG-0001'), { token })
    expect(faultsIn(answer, 405)).toEqual([])
    expect(answer.headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(known))
  }
})

test.each([
  ['GET', '/v1/products/never-made'],
  ['GET', '/v1/prices/NONE-0001'],
  ['GET', '/v1/stock/NONE-0001'],
  ['GET', `/v1/orders/${unknownId}`],
  ['GET', '/v1/nothing'],
  ['POST', `/internal/orders/${unknownId}/settle`],
  ['POST', '/sweep'],
  ['POST', '/v1/payment_intents'],
  ['POST', '/__mock/fail-next'],
])('%s %s, which is not there or not for the public, is not found', async (method, path) => {
  expect(faultsIn(await shop.ask(method, path, { token }), 404)).toEqual([])
})

/** Asks a route as it wants to be asked, with other headers. */
function askRightly({ name, method, path, takesBody }: Route, headers: Record<string, string>) {
  const body = takesBody ? { body: validBodies[name] } : {}
  return shop.ask(method, path.replace('{id}', unknownId), { headers: { ...newKey(), ...headers }, ...body })
}

const person = () => ({ id: crypto.randomUUID(), roles: ['customer'], sessionId: crypto.randomUUID() })
const signer = (now = () => new Date()) => userTokenSigner(shop.secrets.keys.accounts, now)

async function badTokens(): Promise<Record<string, string>> {
  const [header, , signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const identity = testIdentity()
  const anHourAgo = () => new Date(Date.now() - 3_600_000)
  return {
    none: '',
    'another scheme': `Basic ${Buffer.from('ada:secret').toString('base64')}`,
    nonsense: 'Bearer nonsense',
    'of another shop': `Bearer ${await identity.userToken(person().id)}`,
    expired: `Bearer ${await signer(anHourAgo)(person())}`,
    'with other claims': `Bearer ${header}.${encode({ ...claims, roles: ['admin', 'customer'] })}.${signature}`,
    'not signed': `Bearer ${encode({ alg: 'none' })}.${encode(claims)}.`,
    "of a function's own key": `Bearer ${await userTokenSigner(shop.secrets.keys.orders, () => new Date())(person())}`,
  }
}
