import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '#shared/testing/port.ts'
import { serve } from '#shared/testing/serve.ts'
import { httpClient } from './http-client.ts'

/** A neighbour that tells what it was sent, and the client of it. */
async function setup(token = async () => 'a.service.token') {
  const asked = Promise.withResolvers<void>()
  const app = new Hono()
    .post('/echo', async (c) => c.json({ ...c.req.header(), body: await c.req.text() }))
    .post('/nothing', (c) => c.body(null, 204))
    .post('/refused', (c) => c.json({ code: 'conflict' }, 409))
    .post('/away', (c) => c.text('upstream connect error', 503))
    .post('/broken', (c) => c.body('{"half', 200, { 'content-type': 'application/json' }))
    .post('/problem', (c) => c.body('{"status":404}', 404, { 'content-type': 'application/problem+json' }))
    .post('/silent', async () => {
      asked.resolve()
      return new Promise<Response>(() => {})
    })
    .post('/stalled', (c) => c.body(new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from('{')) }), 200))
  return { client: open(await serve(app), token), asked: asked.promise }
}

function open(url: string, token = async () => 'a.service.token') {
  const client = httpClient('orders', url, token)
  onTestFinished(() => void client.close())
  return client
}

test('a call carries its body as JSON, and the token of the caller', async () => {
  const { client } = await setup()
  expect(await client.post('/echo', { id: 'ü' })).toMatchObject({
    status: 200,
    body: { body: '{"id":"ü"}', 'content-type': 'application/json', authorization: 'Bearer a.service.token' },
  })
  const { body } = await client.post('/echo')
  expect(body).toMatchObject({ body: '', authorization: 'Bearer a.service.token' })
  expect(body).not.toHaveProperty('content-type')
})

test.each([
  ['/nothing', 204, undefined],
  ['/refused', 409, { code: 'conflict' }],
  ['/problem', 404, { status: 404 }],
  ['/away', 503, undefined],
])('what %s answers is for the caller to judge, also when it is no JSON', async (path, status, body) => {
  const { client } = await setup()
  expect(await client.post(path)).toEqual({ status, body })
})

test('JSON that is broken off is no answer', async () => {
  const { client } = await setup()
  await expect(client.post('/broken')).rejects.toThrow(SyntaxError)
})

test.each(['/silent', '/stalled'])('a neighbour that does not finish its answer in time fails the call: %s', async (path) => {
  const { client } = await setup()
  await expect(client.post(path, undefined, { timeoutMs: 50 })).rejects.toMatchObject({ name: 'TimeoutError' })
  expect((await client.post('/nothing')).status).toBe(204)
})

test('a call that is not wanted any more ends at once', async () => {
  const { client, asked } = await setup()
  const stopping = new AbortController()
  const failure = client.post('/silent', undefined, { signal: stopping.signal }).catch((error: unknown) => error)
  await asked
  stopping.abort(new Error('stopping'))
  expect(await failure).toMatchObject({ message: 'stopping' })
})

test('a call without a token is not made', async () => {
  const { client } = await setup(async () => {
    throw new Error('no key')
  })
  await expect(client.post('/echo')).rejects.toThrow('no key')
})

test('a neighbour that does not listen fails the call', async () => {
  const client = open(`http://127.0.0.1:${await freePort()}`)
  await expect(client.post('/echo')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
