import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { send, shop } from './testing.ts'

test.each([
  ['GET', '/v1/products?limit=2&cursor=a%2Fb', 'catalog'],
  ['GET', '/v1/products/a-mug', 'catalog'],
  ['POST', '/v1/auth/login', 'accounts'],
  ['GET', '/.well-known/jwks.json', 'accounts'],
  ['PATCH', '/v1/me', 'profiles'],
  ['GET', '/v1/prices/MUG', 'pricing'],
  ['POST', '/v1/quotes', 'pricing'],
  ['GET', '/v1/stock/MUG', 'stock'],
  ['POST', '/v1/orders', 'orders'],
  ['GET', '/v1/orders', 'order-history'],
  ['HEAD', '/v1/orders', 'order-history'],
  ['GET', '/v1/orders/0199', 'order-history'],
])('%s %s is answered by %s, and asked for as it was', async (method, path, name) => {
  const { edge, seen } = await shop((_, response) => response.end('{}'))
  expect((await send(edge, path, { method })).status).toBe(200)
  expect(seen.map(({ upstream, request }) => [upstream, request.method, request.url])).toEqual([[name, method, path]])
})

test.each([
  ['GET', '/internal/orders/1/settle'],
  ['POST', '/internal/orders/1/settle'],
  ['POST', '/v1/orders/../../internal/orders/1/settle'],
  ['POST', '/v1/products/%2e%2e/%2E%2e/internal/orders/1/settle'],
  ['POST', '/v1\\..\\internal\\orders\\1\\settle'],
  ['POST', '//v1/orders'],
  ['POST', '/sweep'],
  ['GET', '/v1'],
  ['GET', '/v1/productsandmore'],
  ['GET', '/v1/orders/1/2'],
])('%s %s reaches no function', async (method, path) => {
  const { edge, seen } = await shop((_, response) => response.end())
  const answer = await send(edge, path, { method })
  expect([answer.status, answer.headers['content-type'], seen]).toEqual([404, 'application/problem+json', []])
})

test('a path that leads to two functions names the methods it has', async () => {
  const { edge, seen } = await shop((_, response) => response.end())
  const answer = await send(edge, '/v1/orders', { method: 'DELETE' })
  expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD, POST'])
  expect((await send(edge, '/docs', { method: 'POST' })).headers['allow']).toBe('GET, HEAD')
  expect(seen).toEqual([])
})

test('a request target that is no path is refused', async () => {
  const { edge } = await shop((_, response) => response.end())
  const socket = connect(Number(new URL(edge).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.end('OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/)
})

test('the pages come from this host alone, and a current copy is not sent again', async () => {
  const { edge } = await shop((_, response) => response.end())
  const page = await send(edge, '/docs')
  expect([page.status, page.body]).toEqual([200, 'docs.html'])
  expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
  expect((await send(edge, '/docs', { headers: { 'if-none-match': String(page.headers['etag']) } })).status).toBe(304)
  expect((await send(edge, '/openapi.json')).headers['content-type']).toBe('application/json')
  expect(await send(edge, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  expect((await send(edge, '/docs/scalar.js', { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding']).toBe('gzip')
})

test("the test bank's page is public where payments are a mock, and nowhere else", async () => {
  const page = '/mock/3ds/pi_1?a=b'
  const mock = await shop((request, response) => response.end(request.url), {}, { mock: true })
  expect([(await send(mock.edge, page)).body, mock.seen[0]?.upstream]).toEqual([page, 'payment-gateway'])
  expect((await send(mock.edge, '/mock/3ds/pi_1', { method: 'DELETE' })).status).toBe(405)
  for (const path of ['/__mock/reset', '/mock/3ds', '/v1/payment_intents', '/internal/deliver']) {
    expect((await send(mock.edge, path, { method: 'POST' })).status).toBe(404)
  }
  const { edge, seen } = await shop((_, response) => response.end())
  expect([(await send(edge, page)).status, seen]).toEqual([404, []])
})
