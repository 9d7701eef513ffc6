import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '#shared/password/password.ts'
import type { Hasher } from './hasher.ts'
import { ada, setup } from './test-setup.ts'

const times = <T>(count: number, work: () => Promise<T>) =>
  Array.from({ length: count }).reduce<Promise<T[]>>(async (done) => [...(await done), await work()], Promise.resolve([]))

test('after ten failures the right password is refused too, without being looked at, and the answer says for how long', async () => {
  let verified = 0
  const hasher: Hasher = { hash: hashPassword, verify: (phc, password) => ((verified += 1), verifyPassword(phc, password)) }
  const { register, login } = await setup({ hasher })
  await register()
  const failed = await times(10, () => login('wrong password'))
  expect(failed.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 401))
  const answer = await login()
  expect([answer.status, await answer.json()]).toMatchObject([429, { type: expect.stringMatching(/too-many-failures$/) }])
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(14 * 60)
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(15 * 60)
  expect(verified).toBe(10)
  expect((await login('any', 'other@shop.example')).status).toBe(401)
})

test('an email without an account is throttled like one that has an account', async () => {
  const { login, sql } = await setup()
  const answers = await times(11, () => login('wrong password', 'nobody@shop.example'))
  expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 401), 429])
  const [row] = await sql`select key from login_failures`
  expect(String(row?.['key'])).not.toContain('nobody')
})

test('a login that succeeds forgives the failures before it', async () => {
  const { register, login, counts } = await setup()
  await register()
  await times(9, () => login('wrong password'))
  expect((await login()).status).toBe(200)
  expect(await counts()).toMatchObject({ failures: 0 })
})

test('when the window is over the count begins anew', async () => {
  const { register, login, sql } = await setup()
  await register()
  await times(10, () => login('wrong password'))
  await sql`update login_failures set window_ends_at = now()`
  expect((await login('wrong password')).status).toBe(401)
  expect(await sql`select failures from login_failures`).toEqual([{ failures: 1 }])
  expect((await login()).status).toBe(200)
})

test('guesses made all at once are counted like guesses one by one: the right one among them comes too late', async () => {
  const started = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<void>()
  const hasher: Hasher = {
    hash: hashPassword,
    verify: async (phc, password) => {
      const isRight = await verifyPassword(phc, password)
      if (isRight) {
        started.resolve()
        await failed.promise
      }
      return isRight
    },
  }
  const { register, login, counts } = await setup({ hasher })
  await register()
  const late = login()
  await started.promise
  await times(10, () => login('wrong password'))
  const before = await counts()
  failed.resolve()
  expect((await late).status).toBe(429)
  expect(await counts()).toEqual(before)
})

test('a session is not opened for a password that was changed while it was checked', async () => {
  const started = Promise.withResolvers<void>()
  const changed = Promise.withResolvers<void>()
  const hasher: Hasher = {
    hash: hashPassword,
    verify: async (phc, password) => {
      started.resolve()
      await changed.promise
      return verifyPassword(phc, password)
    },
  }
  const { register, login, sql, counts } = await setup({ hasher })
  await register()
  const late = login()
  await started.promise
  await sql`update accounts set password_hash = ${await hashPassword('the new password')}`
  changed.resolve()
  expect((await late).status).toBe(401)
  expect(await counts()).toMatchObject({ sessions: 1 })
})

test('windows that are over go away with the failures of others', async () => {
  const { login, sql } = await setup()
  await sql`
    insert into login_failures (key, failures, window_ends_at)
    select sha256(n::text::bytea), 1, now() - interval '1 hour' from generate_series(1, 7) as n`
  await login('wrong password', ada.email)
  await login('wrong password', ada.email)
  expect(await sql`select failures from login_failures`).toEqual([{ failures: 2 }])
})
