import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '#shared/testing/port.ts'
import { serveHttp } from './http.ts'

/** A server whose one slow route answers when it is told to. */
async function setup(ready: () => Promise<void> = async () => {}) {
  const entered = Promise.withResolvers<void>()
  const proceed = Promise.withResolvers<void>()
  const app = new Hono()
    .get('/quick', (c) => c.text('done'))
    .get('/slow', async (c) => {
      entered.resolve()
      await proceed.promise
      return c.text('done')
    })
  const port = await freePort()
  let answered = 0
  const listener = await serveHttp(app, ready)({ host: '127.0.0.1', port, onAnswer: () => void answered++ })
  const agent = new Agent({ keepAlive: true })
  onTestFinished(async () => {
    proceed.resolve()
    agent.destroy()
    await listener.close(0)
  })
  const get = async (path: string) => {
    const [response] = (await once(request({ port, path, agent }).end(), 'response')) as [IncomingMessage]
    return { status: response.statusCode, body: await text(response), headers: response.headers }
  }
  return { listener, get, entered: entered.promise, proceed: proceed.resolve, answered: () => answered, port }
}

const MINUTE = 60_000

test('it listens where it was told to, and counts the answers but not the probes', async () => {
  const { listener, get, answered, port } = await setup()
  expect(listener.port).toBe(port)
  expect(await get('/quick')).toMatchObject({ status: 200, body: 'done' })
  expect(await get('/livez')).toMatchObject({ status: 200, body: 'ok' })
  expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ok' })
  expect(answered()).toBe(1)
})

test('it lives, but is not ready, while what it needs does not answer', async () => {
  let isThere = false
  const { get } = await setup(async () => {
    if (!isThere) throw new Error('connect ECONNREFUSED 10.0.0.7')
  })
  expect((await get('/livez')).status).toBe(200)
  expect(await get('/readyz')).toMatchObject({ status: 503, body: 'the database does not answer' })
  isThere = true
  expect((await get('/readyz')).status).toBe(200)
})

test('a port that is taken fails the start', async () => {
  const { port } = await setup()
  const listen = serveHttp(new Hono(), async () => {})
  await expect(listen({ host: '127.0.0.1', port, onAnswer: () => {} })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('closing lets in nobody else, and waits for the request under way', async () => {
  const { listener, get, entered, proceed, port } = await setup()
  const slow = get('/slow')
  await entered
  let isClosed = false
  const closed = listener.close(MINUTE).then(() => {
    isClosed = true
  })
  const [refused] = await once(connect(port, '127.0.0.1'), 'error')
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
  expect(isClosed).toBe(false)
  proceed()
  expect(await slow).toMatchObject({ status: 200, body: 'done' })
  await closed
})

test('a kept connection that is idle does not hold up closing', async () => {
  const { listener, get } = await setup()
  expect((await get('/quick')).headers.connection).toBe('keep-alive')
  await expect(listener.close(MINUTE)).resolves.toBeUndefined()
})

test('a connection on which nothing was ever asked does not hold up closing, and a request under way goes on', async () => {
  const { listener, get, entered, proceed, port } = await setup()
  const silent = connect(port, '127.0.0.1')
  await once(silent, 'connect')
  const slow = get('/slow')
  await entered
  const closed = listener.close(MINUTE)
  await once(silent, 'close')
  proceed()
  expect((await slow).status).toBe(200)
  await closed
})

test('a request that comes first on its connection as the server closes is answered all the same', async () => {
  const { listener, get, entered, proceed, port } = await setup()
  const slow = get('/slow')
  await entered
  const late = connect(port, '127.0.0.1')
  await once(late, 'connect')
  await get('/quick')
  const closed = listener.close(MINUTE)
  late.write('GET /quick HTTP/1.1\r\nhost: x\r\n\r\n')
  expect(await text(late)).toMatch(/^HTTP\/1.1 200 OK\r\n(.*\r\n)*connection: close\r\n/i)
  proceed()
  await Promise.all([slow, closed])
})

test('what is not answered in time is cut', async () => {
  const { listener, get, entered } = await setup()
  const failure = get('/slow').catch((error: unknown) => error)
  await entered
  await listener.close(50)
  expect(await failure).toMatchObject({ code: 'ECONNRESET' })
})
