import { expect, test } from 'vitest'
import { userVerifier } from '#shared/auth/user-token.ts'
import { hashPassword, unmatchableHash, verifyPassword } from '#shared/password/password.ts'
import { holdLock, untilBlocked } from '#shared/testing/until.ts'
import type { Hasher } from './hasher.ts'
import { ada, type Login, setup } from './test-setup.ts'

test('who registers is logged in at once, with an account, a profile and a token that functions accept', async () => {
  const { post, sql, identity } = await setup()
  const answer = await post('/v1/auth/register', { ...ada, email: 'Ada@Shop.Example', name: ' Ada Lovelace ' })
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store'])
  const { account, accessToken, ...tokens } = (await answer.json()) as Login
  expect(account).toEqual({ id: expect.any(String), email: ada.email, roles: ['customer'], createdAt: expect.any(String) })
  expect(new Date(account.createdAt).toISOString()).toBe(account.createdAt)
  expect(tokens).toEqual({ tokenType: 'Bearer', expiresIn: 900, refreshToken: expect.stringMatching(/^[\w-]{43}$/) })

  const user = await userVerifier(identity.jwks)(accessToken)
  expect(user).toEqual({ id: account.id, roles: ['customer'], sessionId: expect.any(String) })
  expect(await sql`select id, account_id from sessions`).toEqual([{ id: user?.sessionId, account_id: account.id }])
  expect(await sql`select account_id, name from profiles`).toEqual([{ account_id: account.id, name: 'Ada Lovelace' }])
})

test('neither the password nor a refresh token can be read in the database', async () => {
  const { register, sql } = await setup()
  const { refreshToken } = await register()
  const [account] = await sql`select password_hash from accounts`
  const [token] = await sql`select hash from refresh_tokens`
  expect(account?.['password_hash']).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await verifyPassword(String(account?.['password_hash']), ada.password)).toBe(true)
  expect(String(token?.['hash'])).not.toContain(refreshToken)
})

test('an email has one account, however it is written', async () => {
  const { register, post, counts } = await setup()
  await register()
  const before = await counts()
  const answer = await post('/v1/auth/register', { email: 'ADA@shop.example', password: 'another password' })
  expect([answer.status, await answer.json()]).toMatchObject([409, { type: expect.stringMatching(/email-taken$/) }])
  expect(await counts()).toEqual(before)
})

test('of two people who register the same email at once, one gets it', async () => {
  const { post, sql, counts } = await setup()
  const lock = await holdLock(sql, (tx) => tx`lock table accounts in share mode`)
  const both = Promise.all([post('/v1/auth/register', ada), post('/v1/auth/register', { ...ada, password: 'another password' })])
  await untilBlocked(sql, 2)
  await lock.release()
  expect((await both).map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
  expect(await counts()).toMatchObject({ accounts: 1, profiles: 1, sessions: 1, tokens: 1 })
})

test('a login opens another session', async () => {
  const { register, login, counts } = await setup()
  const { account, refreshToken } = await register()
  const answer = await login(ada.password, 'ADA@shop.example')
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const body = (await answer.json()) as Login
  expect(body).toMatchObject({ account, tokenType: 'Bearer', expiresIn: 900 })
  expect(body.refreshToken).not.toBe(refreshToken)
  expect(await counts()).toMatchObject({ sessions: 2, tokens: 2 })
})

test('an unknown email and a wrong password are answered alike, after the same work', async () => {
  const verified: string[] = []
  const hasher: Hasher = {
    hash: hashPassword,
    verify: (phc, password) => {
      verified.push(phc.split('$').slice(0, 4).join('$'))
      return verifyPassword(phc, password)
    },
  }
  const { register, login } = await setup({ hasher })
  await register()
  const answers = [await login('wrong password'), await login('wrong password', 'nobody@shop.example')]
  const seen = await Promise.all(
    answers.map(async (answer) => {
      const { instance: _, ...body } = (await answer.json()) as Record<string, unknown>
      const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'x-request-id'))
      return { status: answer.status, headers, body }
    }),
  )
  expect(seen[0]).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  expect(seen[1]).toEqual(seen[0])
  expect(verified).toEqual([unmatchableHash.split('$').slice(0, 4).join('$'), unmatchableHash.split('$').slice(0, 4).join('$')])
})

test('a refresh gives the next tokens of the same session, with the roles of today', async () => {
  const { register, refresh, sql, identity } = await setup()
  const first = await register()
  await sql`update accounts set roles = '{customer,staff}'`
  const answer = await refresh(first.refreshToken)
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const second = (await answer.json()) as Login
  expect(second).toEqual({ accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 900, refreshToken: expect.any(String) })
  const verify = userVerifier(identity.jwks)
  const [before, after] = [await verify(first.accessToken), await verify(second.accessToken)]
  expect(after).toEqual({ id: before?.id, sessionId: before?.sessionId, roles: ['customer', 'staff'] })
  expect((await refresh(second.refreshToken)).status).toBe(200)
})

test('a refresh token that is used again ends its session, also for the tokens that came of it', async () => {
  const { register, login, refresh, counts } = await setup()
  const { refreshToken: stolen } = await register()
  const elsewhere = (await (await login()).json()) as Login
  const { refreshToken: newest } = (await (await refresh(stolen)).json()) as Login
  const before = await counts()

  const again = await refresh(stolen)
  expect([again.status, again.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  expect((await refresh(newest)).status).toBe(401)
  expect(await counts()).toEqual(before)
  expect((await refresh(elsewhere.refreshToken)).status).toBe(200)
})

test('of two uses of one refresh token at once, one succeeds and the other ends the session', async () => {
  const { register, refresh, sql } = await setup()
  const { refreshToken } = await register()
  const lock = await holdLock(sql, (tx) => tx`select from refresh_tokens for update`)
  const both = Promise.all([refresh(refreshToken), refresh(refreshToken)])
  await untilBlocked(sql, 2)
  await lock.release()
  const answers = await Promise.all((await both).map(async (answer) => ({ status: answer.status, body: (await answer.json()) as Login })))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401])
  expect(await sql`select ended_at is not null as ended from sessions`).toEqual([{ ended: true }])
  const won = answers.find(({ status }) => status === 200)
  expect((await refresh(won?.body.refreshToken ?? '')).status).toBe(401)
})

test('an expired refresh token is refused and a made-up one too, and neither writes anything', async () => {
  const { register, refresh, sql, counts } = await setup()
  const { refreshToken } = await register()
  await sql`update refresh_tokens set expires_at = now()`
  const before = await counts()
  expect((await refresh(refreshToken)).status).toBe(401)
  expect((await refresh('made-up')).status).toBe(401)
  expect(await counts()).toEqual(before)
  expect(await sql`select used_at from refresh_tokens`).toEqual([{ used_at: null }])
})

test('a logout ends the session of its token and no other', async () => {
  const { register, login, refresh, post } = await setup()
  const here = await register()
  const elsewhere = (await (await login()).json()) as Login
  const logout = await post('/v1/auth/logout', { refreshToken: here.refreshToken })
  expect([logout.status, await logout.text()]).toEqual([204, ''])
  expect((await refresh(here.refreshToken)).status).toBe(401)
  expect((await refresh(elsewhere.refreshToken)).status).toBe(200)
  expect((await post('/v1/auth/logout', { refreshToken: here.refreshToken })).status).toBe(204)
  expect((await post('/v1/auth/logout', { refreshToken: 'made-up' })).status).toBe(204)
})

test('a refresh that waited while its session was ended gets nothing', async () => {
  const { register, refresh, sql, counts } = await setup()
  const { refreshToken } = await register()
  const lock = await holdLock(sql, (tx) => tx`update sessions set ended_at = now()`)
  const waiting = refresh(refreshToken)
  await untilBlocked(sql, 1)
  await lock.release()
  expect((await waiting).status).toBe(401)
  expect(await counts()).toMatchObject({ tokens: 1 })
})

test('the published keys are those of users tokens only, without what makes them private, and can be cached', async () => {
  const { app, identity } = await setup()
  const answer = await app.request('/.well-known/jwks.json')
  const { d: _, ...key } = identity.signingKey('accounts')
  expect(await answer.json()).toEqual({ keys: [key] })
  expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
  const tag = answer.headers.get('etag') ?? ''
  const again = await app.request('/.well-known/jwks.json', { headers: { 'if-none-match': tag } })
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag])
})
