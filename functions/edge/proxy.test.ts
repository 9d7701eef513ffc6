import { Agent, type ClientRequest, type IncomingMessage, request as ask } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '#shared/http/create-app.ts'
import { createLog } from '#shared/log/log.ts'
import { serve } from '#shared/testing/serve.ts'
import { until } from '#shared/testing/until.ts'
import { begin, send, shop } from './testing.ts'

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
  const answered = responseOf(request)
  request.write('first ')
  expect(await arrived.promise).toBe('first ')
  request.end('last')
  expect(await text(await answered)).toBe('first last')
})

test.each([
  ['told', { 'content-length': 2 * 1024 * 1024 }],
  ['not told', {}],
])('a body over the limit is refused while it is still being sent, its length %s, and its connection stays good', async (_, headers) => {
  const app = createApp({ name: 'pricing', log: createLog('test', 'silent') })
  const { edge } = await shop((_, response) => response.end(), { pricing: await serve(app) })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const megabyte = Buffer.alloc(1024 * 1024)
  const request = ask(`${edge}/v1/quotes`, { method: 'POST', agent, headers })
  const answered = responseOf(request)
  request.write(megabyte)
  request.write('!')
  const answer = await answered
  expect([answer.statusCode, JSON.parse(await text(answer))]).toMatchObject([413, { status: 413 }])
  request.end(megabyte.subarray(1))
  const next = await responseOf(ask(`${edge}/v1/quotes`, { method: 'POST', agent }).end())
  expect([next.statusCode, await text(next)]).toMatchObject([404, expect.stringContaining('No such route')])
})

test('a body of just the size that is allowed gets through, its length told or not', async () => {
  const { edge } = await shop(async (request, response) => response.end(String((await text(request)).length)))
  const body = Buffer.alloc(1024 * 1024, 'a')
  expect((await send(edge, '/v1/quotes', { method: 'POST', body })).body).toBe('1048576')
  const answer = await responseOf(ask(`${edge}/v1/quotes`, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }).end(body))
  expect(await text(answer)).toBe('1048576')
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

const responseOf = (request: ClientRequest) =>
  new Promise<IncomingMessage>((resolve, reject) => request.once('response', resolve).once('error', reject))
