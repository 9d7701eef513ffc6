import { createHmac, randomUUID } from 'node:crypto'
import { SignJWT, importJWK } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { ensureAdmin } from '#db/users/seed.ts'
import { userTokenSigner } from '#shared/auth/user-token.ts'
import { createLog } from '#shared/log/log.ts'
import { unmatchableHash } from '#shared/password/password.ts'
import { openPg } from '#shared/pg/pg.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { holdLock, untilBlocked } from '#shared/testing/until.ts'
import { profilesApp } from './app.ts'
import { profilesStore } from './store.ts'

type Headers = Record<string, string>

/** The real app on a real database, with one person who is registered. */
async function setup() {
  const { url, sql } = await freshDatabase('users')
  const pg = openPg(url, { name: 'profiles-test' })
  onTestFinished(pg.close)
  await ensureAdmin(sql, { email: 'ada@shop.example', passwordHash: unmatchableHash })
  const [account] = await sql<{ id: string }[]>`select id from accounts`
  const id = account?.id ?? ''
  const identity = testIdentity()
  const app = profilesApp({ store: profilesStore(pg), log: createLog('profiles', 'silent'), jwks: identity.jwks })
  const token = await identity.userToken(id)
  const get = async (headers: Headers = {}) => app.request('/v1/me', { headers: { authorization: `Bearer ${token}`, ...headers } })
  const patch = async (body: unknown, headers: Headers = {}) =>
    app.request('/v1/me', {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const stored = async () => (await sql`select name, phone, version from profiles`)[0]
  return { app, sql, id, identity, get, patch, stored }
}

test('a person reads their own profile with the email of the account', async () => {
  const { get, id } = await setup()
  const answer = await get()
  const body = (await answer.json()) as { createdAt: string }
  expect([answer.status, body]).toEqual([
    200,
    { id, email: 'ada@shop.example', name: null, phone: null, createdAt: expect.any(String), updatedAt: expect.any(String) },
  ])
  expect(new Date(body.createdAt).toISOString()).toBe(body.createdAt)
})

test('a change keeps what it does not name, and null clears', async () => {
  const { get, patch } = await setup()
  expect(await (await patch({ name: ' Ada Lovelace ' })).json()).toMatchObject({ name: 'Ada Lovelace', phone: null })
  expect(await (await patch({ phone: '+4930123456' })).json()).toMatchObject({ name: 'Ada Lovelace', phone: '+4930123456' })
  const answer = await patch({ name: null })
  const changed = await answer.json()
  expect(changed).toMatchObject({ name: null, phone: '+4930123456' })
  const read = await get()
  expect([await read.json(), read.headers.get('etag')]).toEqual([changed, answer.headers.get('etag')])
})

test('a copy at hand is current until anything of it changes, the email too', async () => {
  const { get, patch, sql } = await setup()
  const tag = (await get()).headers.get('etag') ?? ''
  const same = await get({ 'if-none-match': tag })
  expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', tag])
  await patch({ name: 'Ada' })
  const changed = await get({ 'if-none-match': tag })
  expect(changed.status).toBe(200)
  await sql`update accounts set email = 'ada@new.example', version = version + 1`
  expect((await get({ 'if-none-match': changed.headers.get('etag') ?? '' })).status).toBe(200)
})

test('a change of a profile that has changed since it was read is refused', async () => {
  const { get, patch, stored } = await setup()
  const read = (await get()).headers.get('etag') ?? ''
  const first = await patch({ name: 'Ada' }, { 'if-match': read })
  expect(first.status).toBe(200)
  const second = await patch({ name: 'Augusta' }, { 'if-match': read })
  expect([second.status, second.headers.get('content-type')]).toEqual([412, 'application/problem+json'])
  expect((await patch({ name: 'Augusta' }, { 'if-match': 'no tag' })).status).toBe(412)
  expect(await stored()).toEqual({ name: 'Ada', phone: null, version: 2 })
  const list = `"0-0", ${first.headers.get('etag')}`
  expect((await patch({ name: 'Augusta' }, { 'if-match': list })).status).toBe(200)
  expect((await patch({ name: 'Ada' }, { 'if-match': '*' })).status).toBe(200)
})

test('of two changes of the same read that arrive at once, one is refused', async () => {
  const { get, patch, sql, stored } = await setup()
  const read = { 'if-match': (await get()).headers.get('etag') ?? '' }
  const lock = await holdLock(sql, (tx) => tx`select from profiles for update`)
  const both = Promise.all([patch({ name: 'Ada' }, read), patch({ phone: '+4930123456' }, read)])
  await untilBlocked(sql, 2)
  await lock.release()
  expect((await both).map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412])
  const left = await stored()
  expect([left?.['name'], left?.['phone']].filter((value) => value !== null)).toHaveLength(1)
  expect(left?.['version']).toBe(2)
})

test('the token of an account that was erased finds nothing', async () => {
  const { get, patch, sql } = await setup()
  await sql`delete from accounts`
  expect((await get()).status).toBe(404)
  expect((await patch({ name: 'Ada' })).status).toBe(404)
  expect((await patch({ name: 'Ada' }, { 'if-match': '"1-1"' })).status).toBe(404)
})

test.each([
  ['no JSON', '{', {}, 400],
  ['no object', [], {}, 400],
  ['nothing to change', {}, {}, 400],
  ['an unknown field', { name: 'Ada', email: 'eve@shop.example' }, {}, 400],
  ['a name of another type', { name: 7 }, {}, 400],
  ['an empty name', { name: ' ' }, {}, 400],
  ['a name that is too long', { name: 'x'.repeat(101) }, {}, 400],
  ['a name with a NUL', { name: 'Ada\u0000' }, {}, 400],
  ['a name with half a character', '{"name":"\\ud800"}', {}, 400],
  ['a phone number without a country', { phone: '030 123456' }, {}, 400],
  ['a body over the limit', { name: 'x'.repeat(1024 * 1024) }, {}, 413],
  ['another media type', { name: 'Ada' }, { 'content-type': 'text/plain' }, 415],
  ['no token', { name: 'Ada' }, { authorization: '' }, 401],
  ['another scheme', { name: 'Ada' }, { authorization: 'Basic YTpi' }, 401],
])('a change with %s is refused with a problem and changes nothing', async (_, body, headers, status) => {
  const { patch, stored } = await setup()
  const before = await stored()
  const answer = await patch(body, headers as Headers)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
  expect(await answer.json()).toMatchObject({ status, instance: answer.headers.get('x-request-id') })
  expect(await stored()).toEqual(before)
})

test('only a live token that accounts signed for a person of the shop is accepted', async () => {
  const { get, patch, stored, identity, id } = await setup()
  const sign = (issuer: 'accounts' | 'orders', now = new Date()) =>
    userTokenSigner(identity.signingKey(issuer), () => now)({ id, roles: ['customer'], sessionId: randomUUID() })
  const foreign = (audience: string, issuer: string) =>
    importJWK(identity.signingKey('accounts'), 'EdDSA').then((key) =>
      new SignJWT({ roles: ['customer'], sid: randomUUID() })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'accounts' })
        .setSubject(id)
        .setAudience(audience)
        .setIssuer(issuer)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(key),
    )
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = (await sign('accounts')).split('.')[1] ?? ''
  const keyed = `${part({ alg: 'HS256', kid: 'accounts' })}.${claims}`
  const tokens = {
    expired: await sign('accounts', new Date(Date.now() - 16 * 60_000)),
    'signed by the key of another issuer': await sign('orders'),
    'of another shop': await testIdentity().userToken(id),
    'for another audience': await foreign('reservations', 'accounts'),
    'of another issuer': await foreign('shop', 'orders'),
    'of a function': await identity.serviceToken('orders', 'profiles'),
    'without a signature': `${part({ alg: 'none' })}.${claims}.`,
    'signed with the public key as a secret': `${keyed}.${createHmac('sha256', identity.signingKey('accounts').x).update(keyed).digest('base64url')}`,
    nonsense: 'abc',
  }
  const before = await stored()
  for (const [kind, token] of Object.entries(tokens)) {
    const authorization = `Bearer ${token}`
    for (const answer of [await get({ authorization }), await patch({ name: 'Eve' }, { authorization })]) {
      expect([kind, answer.status, answer.headers.get('www-authenticate')]).toEqual([kind, 401, 'Bearer'])
    }
  }
  expect((await get({ authorization: `Bearer ${await identity.userToken(id, ['guest'])}` })).status).toBe(403)
  expect(await stored()).toEqual(before)
})

test('a wrong method names the right ones', async () => {
  const { app } = await setup()
  const answer = await app.request('/v1/me', { method: 'DELETE' })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, PATCH'])
})
