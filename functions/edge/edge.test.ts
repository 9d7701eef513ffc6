import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, createServer, type IncomingMessage, request as ask, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '#shared/http/create-app.ts'
import { createLog } from '#shared/log/log.ts'
import { serveListener } from '#shared/server/node-http.ts'
import { serve } from '#shared/testing/serve.ts'
import { until } from '#shared/testing/until.ts'
import { edgeApp } from './app.ts'
import { openProxy, type ProxyOptions } from './proxy.ts'
import type { Upstream } from './routes.ts'

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

test('headers meant for one connection stay there; who asked, for which host, and the request id go along', async () => {
  const { edge, seen } = await shop((_, response) => {
    response.writeHead(201, { etag: '"1"', 'set-cookie': ['a=1', 'b=2'], 'x-hop': 'mine', connection: 'x-hop', date: 'then' }).end('made')
  })
  const answer = await send(edge, '/v1/products', {
    headers: {
      host: 'shop.example',
      authorization: 'Bearer t',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-request-id': 'my-own-request',
      'x-forwarded-for': '192.0.2.1',
      connection: 'keep-alive, x-secret',
      'x-secret': 'for the edge',
      te: 'trailers',
      'keep-alive': 'timeout=9',
    },
  })
  const headers = seen[0]?.request.headers ?? {}
  expect(headers).toMatchObject({
    authorization: 'Bearer t',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'x-request-id': 'my-own-request',
    'x-forwarded-for': '192.0.2.1, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'shop.example',
    via: '1.1 edge',
  })
  expect(headers.host).toBe(seen[0]?.host)
  for (const name of ['x-secret', 'te', 'keep-alive']) expect(headers).not.toHaveProperty(name)
  expect(answer).toMatchObject({ status: 201, body: 'made', headers: { etag: '"1"', 'set-cookie': ['a=1', 'b=2'], date: 'then' } })
  expect(answer.headers['x-request-id']).toBe('my-own-request')
  expect(answer.headers).not.toHaveProperty('x-hop')
})

test('an answer is passed on while it is still being made', async () => {
  const go = Promise.withResolvers<void>()
  const { edge } = await shop(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    await go.promise
    response.write('data: 1\n\n')
    await go.promise
    response.end('data: 2\n\n')
  })
  const answer = await begin(edge, '/v1/products')
  expect(answer.headers['content-type']).toBe('text/event-stream')
  go.resolve()
  expect(await text(answer)).toBe('data: 1\n\ndata: 2\n\n')
})

test('a body is passed on while it is still being sent', async () => {
  const arrived = Promise.withResolvers<string>()
  const { edge } = await shop(async (request, response) => {
    request.once('data', (chunk: Buffer) => arrived.resolve(chunk.toString()))
    response.end(await text(request))
  })
  const request = ask(`${edge}/v1/quotes`, { method: 'POST' })
  const answered = new Promise<IncomingMessage>((resolve) => request.once('response', resolve))
  request.write('first ')
  expect(await arrived.promise).toBe('first ')
  request.end('last')
  expect(await text(await answered)).toBe('first last')
})

test('a function that refuses a large body before it is whole is heard', async () => {
  const app = createApp({ name: 'pricing', log: createLog('test', 'silent') })
  const { edge } = await shop((_, response) => response.end(), { pricing: await serve(app) })
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const body = Buffer.alloc(1024 * 1024)
  const request = ask(`${edge}/v1/quotes`, { method: 'POST', agent, headers: { 'content-length': 2 * body.length } })
  const answered = new Promise<IncomingMessage>((resolve, reject) => request.once('response', resolve).once('error', reject))
  const free = new Promise((resolve, reject) => agent.once('free', resolve).once('error', reject))
  request.write(body)
  const answer = await answered
  expect([answer.statusCode, JSON.parse(await text(answer))]).toMatchObject([413, { status: 413 }])
  // The connection is good for the rest of the body and for another request.
  request.end(body)
  await free
})

test('a client that goes away ends the work it asked for', async () => {
  let ended = false
  const { edge, seen } = await shop((_, response) => {
    response.once('close', () => {
      ended = true
    })
  })
  const request = ask(`${edge}/v1/products`).end()
  request.once('error', () => {})
  await until('the function is asked', () => seen.length === 1)
  expect(ended).toBe(false)
  request.destroy()
  await until('the function is told', () => ended)
})

test('a function that cannot be reached is a 503 that says when to try again', async () => {
  const { edge } = await shop((_, response) => response.end(), { catalog: 'http://127.0.0.1:1' })
  const answer = await send(edge, '/v1/products')
  expect([answer.status, answer.headers['retry-after'], JSON.parse(answer.body)]).toMatchObject([503, '1', { status: 503 }])
  expect(answer.body).not.toContain('127.0.0.1')
})

test('a function that does not answer in time is a 504', async () => {
  const { edge } = await shop(() => {}, {}, { answerTimeoutMs: 100 })
  expect((await send(edge, '/v1/products')).status).toBe(504)
})

test('an answer that breaks off breaks off for the client too, and is never made to look whole', async () => {
  const { edge } = await shop((_, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  })
  await expect(text(await begin(edge, '/v1/products'))).rejects.toThrow('aborted')
})

test('a read over a kept connection that the function had closed is asked again, a write is not', async () => {
  let fail = true
  const { edge, seen } = await shop((request, response) => {
    if (fail) request.socket.destroy()
    else response.end('fine')
    fail = false
  })
  expect((await send(edge, '/v1/products')).body).toBe('fine')
  fail = true
  expect((await send(edge, '/v1/quotes', { method: 'POST', body: Buffer.from('{}') })).status).toBe(503)
  expect(seen.map(({ request }) => request.method)).toEqual(['GET', 'GET', 'POST'])
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

/** Unlike a `RequestListener` it may take its time. */
type Listener = (...exchange: Parameters<RequestListener>) => unknown
type Seen = { readonly upstream: string; readonly host: string; readonly request: IncomingMessage }

/** An edge in front of one small real server per function; `urls` puts others in their place. */
async function shop(listener: Listener, urls: Partial<Record<Upstream, string>> = {}, options: ProxyOptions = {}) {
  const seen: Seen[] = []
  const start = async (upstream: string) => {
    const server = createServer((request, response) => {
      seen.push({ upstream, host: `127.0.0.1:${(server.address() as AddressInfo).port}`, request })
      listener(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const names: Upstream[] = ['accounts', 'profiles', 'catalog', 'pricing', 'stock', 'orders', 'order-history']
  const running = await Promise.all(names.map(async (name) => [name, urls[name] ?? (await start(name))] as const))
  const proxy = openProxy(Object.fromEntries(running) as Record<Upstream, string>, options)
  const app = edgeApp({ proxy, assets: await somePages(), log: createLog('test', 'silent') })
  const edge = await serveListener(app, async () => {})({ host: '127.0.0.1', port: 0, onAnswer: () => {} })
  onTestFinished(async () => {
    await edge.close(0)
    await proxy.close()
  })
  return { edge: `http://127.0.0.1:${edge.port}`, seen }
}

async function somePages(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const file of ['index.html', 'docs.html', 'scalar.js', 'openapi.json']) await writeFile(join(folder, file), file)
  return folder
}

type Sent = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: Buffer }

/** Asks with the path exactly as given: a URL would resolve its dots. */
function begin(edge: string, path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<IncomingMessage> {
  const { port } = new URL(edge)
  return new Promise((resolve, reject) => {
    const length = body ? { 'content-length': String(body.length) } : {}
    ask({ host: '127.0.0.1', port, path, method, headers: { ...length, ...headers } }, resolve)
      .once('error', reject)
      .end(body)
  })
}

async function send(edge: string, path: string, options?: Sent) {
  const answer = await begin(edge, path, options)
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}
