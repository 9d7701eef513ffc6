import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createLog } from '#shared/log/log.ts'
import { serve } from '#shared/testing/serve.ts'
import { createApp } from './create-app.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { json, route } from './route.ts'

const order = z.strictObject({
  note: z.string(),
  items: z.array(z.strictObject({ sku: z.string(), quantity: z.int() })).optional(),
})
const app = createApp({ name: 'orders', log: createLog('test', 'silent') })
const length = json(z.object({ length: z.int() }), 'How long the note was')
const place = route({
  method: 'post',
  path: '/orders',
  access: 'public',
  request: { body: json(order, 'An order') },
  responses: { 200: length },
})
const query = z.strictObject({ limit: z.coerce.number().int().default(1) })
const list = route({ method: 'get', path: '/orders', access: 'public', request: { query }, responses: { 200: length } })
app.openapi(place, (c) => c.json({ length: c.req.valid('json').note.length }, 200))
app.openapi(list, (c) => c.json({ length: c.req.valid('query').limit }, 200))

const post = (body: string, contentType = 'application/json') =>
  app.request('/orders', { method: 'POST', body, headers: { 'content-type': contentType } })

test.each([
  ['{"note":1}', '/note'],
  ['{}', '/note'],
  ['[]', ''],
  ['{"note":"","items":[{"sku":"A","quantity":1},{"sku":"B","quantity":"2"}]}', '/items/1/quantity'],
])('%s is refused with a pointer to what is wrong', async (body, pointer) => {
  const response = await post(body)
  expect(response.status).toBe(400)
  const detail = expect.any(String)
  expect(await response.json()).toMatchObject({
    type: 'https://shop.example/problems/validation-failed',
    in: 'body',
    errors: [{ pointer, detail }],
  })
})

test('every field that is not known is named where it stands', async () => {
  const response = await post('{"note":"","a/b~c":1,"colour":"red","items":[{"sku":"A","quantity":1,"size":"L"}]}')
  expect(response.status).toBe(400)
  const detail = 'is not a known field'
  expect(await response.json()).toMatchObject({
    errors: [
      { pointer: '/items/0/size', detail },
      { pointer: '/a~1b~0c', detail },
      { pointer: '/colour', detail },
    ],
  })
})

test('of very many faults the first twenty are told', async () => {
  const many = Array.from({ length: 50_000 }, (_, index) => index)
  const unknown = Object.fromEntries(many.map((index) => [`x${index}`, 0]))
  for (const body of [
    { note: '', items: many },
    { note: '', ...unknown },
  ]) {
    const { errors } = (await (await post(JSON.stringify(body))).json()) as { errors: unknown[] }
    expect(errors).toHaveLength(20)
  }
})

test('a query parameter that is wrong or not known is named', async () => {
  const response = await app.request('/orders?limit=ten&colour=red')
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ in: 'query', errors: [{ pointer: '/limit' }, { pointer: '/colour' }] })
})

test.each(['', '{', '{"note":"x"', 'note=x', '{"note":"x"}}'])('a body that is no JSON is refused: %s', async (body) => {
  const response = await post(body)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ type: 'https://shop.example/problems/validation-failed' })
})

test('JSON is taken whatever its charset parameter says', async () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON']) {
    expect((await post('{"note":"x"}', type)).status).toBe(200)
  }
})

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', ''])(
  'a body sent as %s is refused, and not read as empty',
  async (type) => {
    const response = await post('{"note":"x"}', type)
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ detail: 'Send the body as application/json' })
  },
)

/** Posts a body of `bytes` over a socket, in chunks without a length unless `declared`. */
async function postBytes(url: string, bytes: number, declared: boolean) {
  const body = `{"note":"${'x'.repeat(bytes - 11)}"}`
  const headers = { 'content-type': 'application/json', ...(declared ? { 'content-length': body.length } : {}) }
  const sending = request(`${url}/orders`, { method: 'POST', headers })
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>
  // The answer may come, and the connection close, before all is sent.
  sending.on('error', () => {})
  for (let at = 0; at < body.length; at += 65_536) sending.write(body.slice(at, at + 65_536))
  sending.end()
  const [response] = await answered
  return { status: response.statusCode, connection: response.headers.connection, body: JSON.parse(await text(response)) }
}

test.each([
  ['that says its length', true],
  ['that does not say its length', false],
])('a body %s is taken up to one MiB, and refused above', async (_, declared) => {
  const url = await serve(app)
  expect(await postBytes(url, MAX_BODY_BYTES, declared)).toMatchObject({ status: 200, body: { length: MAX_BODY_BYTES - 11 } })
  expect(await postBytes(url, MAX_BODY_BYTES + 1, declared)).toMatchObject({
    status: 413,
    connection: 'close',
    body: { type: 'https://shop.example/problems/body-too-large', detail: 'A body may have at most 1048576 bytes' },
  })
})
