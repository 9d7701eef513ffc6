import { expect, test } from 'vitest'
import { limitedHasher } from './hasher.ts'
import { ada, setup } from './test-setup.ts'

const jsonType = { 'content-type': 'application/json' }
const tooLarge = JSON.stringify({ ...ada, name: 'x'.repeat(1024 * 1024) })
const routes = ['/v1/auth/register', '/v1/auth/login', '/v1/auth/refresh', '/v1/auth/logout']

type Case = { of: string; body: unknown; status?: number; headers?: Record<string, string>; pointer?: string }

const bodies: Case[] = routes.flatMap((of) => [
  { of, body: '{', status: 400 },
  { of, body: '', status: 400 },
  { of, body: '[]', status: 400 },
  { of, body: 'null', status: 400 },
  { of, body: '{}', status: 400 },
  { of, body: tooLarge, status: 413 },
  { of, body: JSON.stringify(ada), headers: { 'content-type': 'text/plain' }, status: 415 },
  { of, body: 'email=a', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415 },
])

const credentials: Case[] = ['/v1/auth/register', '/v1/auth/login'].flatMap((of) => [
  { of, body: { ...ada, admin: true }, pointer: '/admin' },
  { of, body: { ...ada, email: 'no address' }, pointer: '/email' },
  { of, body: { ...ada, email: ['ada@shop.example'] }, pointer: '/email' },
  { of, body: { ...ada, email: `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.example` }, pointer: '/email' },
  { of, body: { ...ada, password: '' }, pointer: '/password' },
  { of, body: { ...ada, password: 12345678 }, pointer: '/password' },
  { of, body: { ...ada, password: 'x'.repeat(257) }, pointer: '/password' },
  { of, body: { email: ada.email }, pointer: '/password' },
])

const others: Case[] = [
  { of: '/v1/auth/register', body: { ...ada, password: 'sevench' }, pointer: '/password' },
  { of: '/v1/auth/register', body: { ...ada, password: 'ADA@shop.example' }, pointer: '/password' },
  { of: '/v1/auth/register', body: { ...ada, roles: ['admin'] }, pointer: '/roles' },
  { of: '/v1/auth/register', body: { ...ada, name: '  ' }, pointer: '/name' },
  { of: '/v1/auth/register', body: { ...ada, name: 'x'.repeat(101) }, pointer: '/name' },
  { of: '/v1/auth/register', body: { ...ada, name: 'Ada\u0000' }, pointer: '/name' },
  { of: '/v1/auth/register', body: '{"email":"ada@shop.example","password":"long enough","name":"\\ud800"}', pointer: '/name' },
  { of: '/v1/auth/refresh', body: { refreshToken: 7 }, pointer: '/refreshToken' },
  { of: '/v1/auth/refresh', body: { refreshToken: '' }, pointer: '/refreshToken' },
  { of: '/v1/auth/refresh', body: { refreshToken: 'x'.repeat(257) }, pointer: '/refreshToken' },
  { of: '/v1/auth/refresh', body: { refreshToken: 'x', all: true }, pointer: '/all' },
  { of: '/v1/auth/logout', body: { refreshToken: null }, pointer: '/refreshToken' },
  { of: '/v1/auth/logout', body: { refreshToken: 'x', all: true }, pointer: '/all' },
]

test('a bad request is answered with a problem that names what is wrong, and writes nothing', async () => {
  const { app, counts } = await setup()
  const nothing = await counts()
  for (const { of, body, status = 400, headers = jsonType, pointer } of [...bodies, ...credentials, ...others]) {
    const answer = await app.request(of, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
    const found = (await answer.json()) as { status: number; instance: string; errors?: { pointer: string }[] }
    const pointers = pointer === undefined ? [] : (found.errors ?? []).map((error) => error.pointer).filter((known) => known === pointer)
    expect({ of, body, ...found, pointers }).toMatchObject({
      of,
      body,
      status,
      type: expect.stringMatching(/problems\/[a-z-]+$/),
      instance: answer.headers.get('x-request-id'),
      pointers: pointer === undefined ? [] : [pointer],
    })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
  }
  expect(await counts()).toEqual(nothing)
})

test('a wrong method names the right one, and an unknown path is not found', async () => {
  const { app } = await setup()
  for (const [path, method, allow] of [
    ...routes.map((path) => [path, 'GET', 'POST']),
    ['/.well-known/jwks.json', 'POST', 'GET, HEAD'],
  ] as const) {
    const answer = await app.request(path ?? '', { method: method ?? '' })
    expect([answer.status, answer.headers.get('allow'), answer.headers.get('content-type')]).toEqual([
      405,
      allow,
      'application/problem+json',
    ])
  }
  expect((await app.request('/v1/auth/reset')).status).toBe(404)
})

test('when more people log in at once than passwords can be checked, the last are told to come back', async () => {
  const { login, counts, post } = await setup({ hasher: limitedHasher(undefined, { atOnce: 0, waiting: 0 }) })
  for (const answer of [await login(), await post('/v1/auth/register', ada)]) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  }
  expect(await counts()).toMatchObject({ accounts: 0, failures: 0 })
})

test('the contract is served as it is enforced', async () => {
  const { app } = await setup()
  const document = (await (await app.request('/openapi.json')).json()) as { openapi: string; paths: Record<string, object> }
  expect(document.openapi).toMatch(/^3\.1/)
  expect(Object.keys(document.paths).sort()).toEqual(['/.well-known/jwks.json', ...routes].sort())
})
