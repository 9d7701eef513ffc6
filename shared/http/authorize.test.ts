import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createLog } from '#shared/log/log.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { createApp } from './create-app.ts'
import { json, type Access, route } from './route.ts'

const identity = testIdentity()
const log = createLog('test', 'silent')
const customer = randomUUID()
const answer = { responses: { 200: json(z.object({ who: z.string() }), 'Who asked') } }
const body = { content: { 'application/json': { schema: z.strictObject({ name: z.string() }) } } }

const ask = (path: string, access: Access) => route({ method: 'post', path, access, request: { body }, ...answer })
const app = createApp({ name: 'orders', log, jwks: identity.jwks })
app.openapi(ask('/public', 'public'), (c) => c.json({ who: 'anybody' }, 200))
app.openapi(ask('/customer', { roles: ['customer'] }), (c) => c.json({ who: c.var.user.id }, 200))
app.openapi(ask('/staff', { roles: ['staff', 'admin'] }), (c) => c.json({ who: c.var.user.roles.join() }, 200))
app.openapi(ask('/internal', { services: ['order-sweeper'] }), (c) => c.json({ who: c.var.caller }, 200))

const send = (path: string, token?: string, content = '{"name":"x"}') => {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return app.request(path, { method: 'POST', body: content, headers: { 'content-type': 'application/json', ...authorization } })
}

const paths = ['/public', '/customer', '/staff', '/internal']
test.each<[string, () => Promise<string | undefined>, number[]]>([
  ['nobody', async () => undefined, [200, 401, 401, 401]],
  ['somebody with a made-up token', async () => 'made.up.token', [200, 401, 401, 401]],
  ['a customer', () => identity.userToken(customer), [200, 200, 403, 401]],
  ['staff', () => identity.userToken(customer, ['staff']), [200, 403, 200, 401]],
  ['an admin who is a customer too', () => identity.userToken(customer, ['customer', 'admin']), [200, 200, 200, 401]],
  ['a user without roles', () => identity.userToken(customer, []), [200, 403, 403, 401]],
  ['the sweeper', () => identity.serviceToken('order-sweeper', 'orders'), [200, 401, 401, 200]],
  ['the sweeper with a token for another', () => identity.serviceToken('order-sweeper', 'reservations'), [200, 401, 401, 401]],
  ['a function that is not let in', () => identity.serviceToken('orders', 'orders'), [200, 401, 401, 401]],
])('%s gets in where the rule says, and nowhere else', async (_, token, expected) => {
  const given = await token()
  const statuses = await Promise.all(paths.map(async (path) => (await send(path, given)).status))
  expect(statuses).toEqual(expected)
})

test('a handler knows who asked', async () => {
  const who = async (path: string, token: string) => ((await (await send(path, token)).json()) as { who: string }).who
  expect(await who('/customer', await identity.userToken(customer))).toBe(customer)
  expect(await who('/staff', await identity.userToken(customer, ['staff']))).toBe('staff')
  expect(await who('/internal', await identity.serviceToken('order-sweeper', 'orders'))).toBe('order-sweeper')
})

test('who is not let in is told how to come in, and nothing about the request', async () => {
  for (const path of paths.slice(1)) {
    const response = await send(path, undefined, '{"not":"looked at"}')
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await response.json()).toMatchObject({ type: 'https://shop.example/problems/unauthorized' })
  }
})

test('a route without an access rule stops the start', () => {
  const { access: _, ...open } = ask('/forgotten', 'public')
  expect(() => createApp({ name: 'orders', log }).openapi(open, (c) => c.json({ who: '' }, 200))).toThrow(
    'Route post /forgotten declares no access rule',
  )
})

test('without any key every route but the public ones is closed', async () => {
  const keyless = createApp({ name: 'orders', log })
  keyless.openapi(ask('/customer', { roles: ['customer'] }), (c) => c.json({ who: c.var.user.id }, 200))
  const authorization = `Bearer ${await identity.userToken(customer)}`
  expect((await keyless.request('/customer', { method: 'POST', headers: { authorization } })).status).toBe(401)
})

test('the document tells which routes need a token', async () => {
  const { paths: documented } = (await (await app.request('/openapi.json')).json()) as {
    paths: Record<string, { post: { security: object[] } }>
  }
  expect(paths.map((path) => documented[path]?.post.security)).toEqual([[], ...Array(3).fill([{ bearer: [] }])])
})
