import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FunctionName, functionNames } from '../../scripts/topology.ts'
import { newKey, orderOf, type RunningShop, send, startTestShop } from './running-shop.ts'

let shop: RunningShop
let token = ''

beforeAll(async () => {
  shop = await startTestShop()
  token = await shop.newCustomer()
})
afterAll(() => shop?.stop())

const ROUNDS = 3
/** A request is counted when its connection has taken the whole answer, which may be a moment after the client has it. */
const patience = { timeout: 10_000, interval: 50 }

type Series = { readonly metric: RegExp; readonly labels: Readonly<Record<string, string>> }

const http = (method: string, route: string, status: number): Series => ({
  metric: /^http_server_request_duration(_seconds)?_count$/,
  labels: { http_request_method: method, http_route: route, http_response_status_code: String(status) },
})
const rpc = (method: string): Series => ({
  metric: /^rpc_server_call_duration(_seconds)?_count$/,
  labels: { rpc_method: `shop.stock.v1.ReservationService/${method}`, rpc_response_status_code: 'OK' },
})

/** One round of requests, by what each must be counted as: on the function that answers it, and on the edge. */
const counted: Partial<Record<FunctionName, readonly Series[]>> = {
  edge: [http('GET', '/v1/products/*', 200), http('GET', '/v1/products/*', 404), http('GET', '/*', 404), http('POST', '/v1/orders', 201)],
  accounts: [http('GET', '/.well-known/jwks.json', 200), http('POST', '/v1/auth/login', 400)],
  profiles: [http('GET', '/v1/me', 200), http('GET', '/v1/me', 401)],
  catalog: [http('GET', '/v1/products', 200), http('GET', '/v1/products/:id', 404)],
  pricing: [http('GET', '/v1/prices/:sku', 200), http('POST', '/v1/quotes', 400)],
  stock: [http('GET', '/v1/stock/:sku', 200)],
  reservations: [rpc('Reserve'), rpc('Commit')],
  orders: [http('POST', '/v1/orders', 201)],
  'order-history': [http('GET', '/v1/orders', 200), http('GET', '/v1/orders/:id', 400)],
  'order-sweeper': [http('POST', '/sweep', 200)],
  'payment-gateway': [http('POST', '/v1/payment_intents', 200), http('POST', '/v1/payment_intents/:id/capture', 200)],
}
/** A function that no request is named for is asked for what nobody has. */
const unnamed = functionNames.filter((name) => counted[name] === undefined)
const countedOf = (name: FunctionName) => counted[name] ?? [http('GET', '/*', 404)]

async function sendRound() {
  const asked = await Promise.all([
    shop.ask('GET', '/v1/products'),
    shop.ask('GET', '/v1/products/never-made'),
    shop.ask('GET', '/v1/nothing'),
    shop.ask('GET', '/.well-known/jwks.json'),
    shop.ask('POST', '/v1/auth/login', { body: {} }),
    shop.ask('GET', '/v1/me', { token }),
    shop.ask('GET', '/v1/me'),
    shop.ask('GET', '/v1/prices/MUG-0001'),
    shop.ask('POST', '/v1/quotes', { body: {} }),
    shop.ask('GET', '/v1/stock/MUG-0001'),
    shop.ask('POST', '/v1/orders', { token, body: orderOf('MUG-0001'), headers: newKey() }),
    shop.ask('GET', '/v1/orders', { token }),
    shop.ask('GET', '/v1/orders/1', { token }),
    send(`${shop.urls['order-sweeper']}/sweep`, 'POST'),
    ...unnamed.map((name) => send(`${shop.urls[name]}/nothing`, 'GET')),
  ])
  return asked.map(({ status }) => status)
}

const expectedStatuses = [200, 404, 404, 200, 400, 200, 401, 200, 400, 200, 201, 200, 400, 200, ...unnamed.map(() => 404)]

test('every function counts every request, also those that came before its telemetry was loaded', async () => {
  for (let round = 0; round < ROUNDS; round++) expect(await sendRound()).toEqual(expectedStatuses)
  await expect.poll(counts, patience).toEqual(everywhere(ROUNDS))
  for (let round = 0; round < ROUNDS; round++) expect(await sendRound()).toEqual(expectedStatuses)
  await expect.poll(counts, patience).toEqual(everywhere(2 * ROUNDS))
})

test('metrics of the business exist before anything has happened', async () => {
  await shop.restart('orders')
  const page = (await send(`${shop.metricsUrls.orders}/metrics`, 'GET')).body as string
  expect(page).toMatch(/^shop_orders_total\{outcome="cancelled".*\} 0$/m)
})

const everywhere = (count: number) =>
  Object.fromEntries(functionNames.map((name) => [name, countedOf(name).map((series) => [series.labels, count])]))

async function counts() {
  const pages = functionNames.map(async (name) => {
    const samples = samplesOf((await send(`${shop.metricsUrls[name]}/metrics`, 'GET')).body as string)
    return [name, countedOf(name).map((series) => [series.labels, sum(samples, series)])] as const
  })
  return Object.fromEntries(await Promise.all(pages))
}

type Sample = { readonly metric: string; readonly labels: string; readonly value: number }

/** The samples of a page in the text format of Prometheus. */
const samplesOf = (page: string): Sample[] =>
  [...page.matchAll(/^(\w+)\{(.*)\} (\S+)$/gm)].map(([, metric = '', labels = '', value]) => ({ metric, labels, value: Number(value) }))

const sum = (samples: readonly Sample[], { metric, labels }: Series) =>
  samples
    .filter((sample) => metric.test(sample.metric))
    .filter((sample) => Object.entries(labels).every(([name, value]) => sample.labels.includes(`${name}="${value}"`)))
    .reduce((total, { value }) => total + value, 0)
