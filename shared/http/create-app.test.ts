import { expect, test } from 'vitest'
import * as z from 'zod'
import { createLog } from '#shared/log/log.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import { createApp } from './create-app.ts'
import { json, route } from './route.ts'

const thing = json(z.object({ id: z.string() }), 'A thing')
const readThing = route({
  method: 'get',
  path: '/things/{id}',
  access: 'public',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: thing },
})
const changeThing = route({ ...readThing, method: 'patch' })

/** An app with one resource; reading it throws what `failure` gives. */
function setup(failure?: () => Error) {
  const lines: Record<string, unknown>[] = []
  const app = createApp({ name: 'things', log: createLog('things', 'info', { write: (line) => void lines.push(JSON.parse(line)) }) })
  app.openapi(readThing, (c) => {
    c.var.log.info('reading')
    if (failure) throw failure()
    return c.json({ id: c.req.valid('param').id }, 200)
  })
  app.openapi(changeThing, (c) => c.json({ id: c.req.valid('param').id }, 200))
  return { app, lines }
}

const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

test("the caller's request id is kept, in the answer and in the log", async () => {
  const { app, lines } = setup()
  const response = await app.request('/things/1', { headers: { 'x-request-id': 'abc-DEF_123' } })
  expect([response.status, response.headers.get('x-request-id')]).toEqual([200, 'abc-DEF_123'])
  expect(lines).toMatchObject([{ msg: 'reading', requestId: 'abc-DEF_123' }])
})

test.each(['short', 'a'.repeat(65), 'with a blank', '{"level":"fatal"}', 'abcdefgh;DROP', 'ümlaut-abc'])(
  'a request id that is not plain is replaced: %s',
  async (given) => {
    const { app, lines } = setup()
    const response = await app.request('/things/1', { headers: { 'x-request-id': given } })
    expect(response.headers.get('x-request-id')).toEqual(uuid)
    expect(lines[0]?.['requestId']).toBe(response.headers.get('x-request-id'))
  },
)

test('each request without an id gets its own', async () => {
  const { app } = setup()
  const ids = await Promise.all([1, 2].map(async (id) => (await app.request(`/things/${id}`)).headers.get('x-request-id')))
  expect(ids).toEqual([uuid, uuid])
  expect(ids[0]).not.toBe(ids[1])
})

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body = await response.json()
  expect(body).toMatchObject({ status: response.status, instance: response.headers.get('x-request-id') })
  return body
}

test('an unknown path is a problem that says so', async () => {
  for (const path of ['/', '/thing', '/things', '/things/1/', '/things/1/parts']) {
    const response = await setup().app.request(path)
    expect(await problemOf(response)).toEqual({
      type: 'https://shop.example/problems/not-found',
      title: 'No such resource',
      status: 404,
      detail: 'No such route',
      instance: uuid,
    })
    expect(response.headers.has('allow')).toBe(false)
  }
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])('%s where only others are supported names those', async (method) => {
  const response = await setup().app.request('/things/1', { method })
  expect(await problemOf(response)).toMatchObject({ status: 405, type: 'https://shop.example/problems/method-not-allowed' })
  expect(response.headers.get('allow')).toBe('GET, HEAD, PATCH')
})

test('whatever can be read can be asked for its head', async () => {
  const response = await setup().app.request('/things/1', { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([200, ''])
})

test('an error of ours is logged with its cause, and the caller learns no more than whom to ask', async () => {
  const cause = new Error('password authentication failed for user "writer"')
  const { app, lines } = setup(() => new Error('select secret from vault', { cause }))
  const response = await app.request('/things/1')
  expect(await problemOf(response)).toEqual({
    type: 'https://shop.example/problems/internal',
    title: 'Something went wrong on our side',
    status: 500,
    detail: 'Something went wrong on our side',
    instance: uuid,
  })
  const requestId = response.headers.get('x-request-id')
  expect(lines).toMatchObject([
    { msg: 'reading' },
    { level: 'error', requestId, err: { message: 'select secret from vault', cause: { message: cause.message } } },
  ])
})

test('while the database is away the caller is told when to try again, and the cause is logged', async () => {
  const { app, lines } = setup(() => Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' }))
  const response = await app.request('/things/1')
  expect(await problemOf(response)).toMatchObject({ status: 503, detail: 'A service this request depends on is unavailable' })
  expect(response.headers.get('retry-after')).toBe('1')
  expect(lines[1]).toMatchObject({ level: 'error', err: { code: 'ECONNREFUSED' } })
})

test('a problem reaches the caller as it was thrown, and a caller’s own fault is not logged', async () => {
  const type = { code: 'out-of-stock', status: 409, title: 'Not enough stock' }
  const { app, lines } = setup(() => new Problem(type, 'MUG-1 is gone', { extensions: { skus: ['MUG-1'] }, headers: { 'x-more': 'yes' } }))
  const response = await app.request('/things/1')
  expect(await problemOf(response)).toEqual({
    type: 'https://shop.example/problems/out-of-stock',
    title: 'Not enough stock',
    status: 409,
    detail: 'MUG-1 is gone',
    instance: uuid,
    skus: ['MUG-1'],
  })
  expect(response.headers.get('x-more')).toBe('yes')
  expect(lines.map(({ msg }) => msg)).toEqual(['reading'])
})

test.each([
  [new Problem(problems.unavailable, 'The gateway is away'), { level: 'warn', problem: 'unavailable', msg: 'The gateway is away' }],
  [new Problem(problems.conflict, 'Lost', { cause: new Error('why') }), { level: 'error', err: { cause: { message: 'why' } } }],
])('a problem that is ours to look at is logged', async (problem, line) => {
  const { app, lines } = setup(() => problem)
  await app.request('/things/1')
  expect(lines[1]).toMatchObject(line)
})
