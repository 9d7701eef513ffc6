import { setImmediate } from 'node:timers/promises'
import { importJWK, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { testIdentity } from '#shared/testing/identity.ts'
import { bearerToken } from './bearer.ts'
import { serviceTokens, serviceVerifier } from './service-token.ts'

const { jwks, signingKey, serviceToken, userToken } = testIdentity()
const callers = ['orders', 'order-sweeper'] as const
const accepted: Readonly<Record<string, readonly string[]>> = { reservations: ['orders', 'order-sweeper'], orders: ['order-sweeper'] }
const audiences = Object.keys(accepted)
const pairs = callers.flatMap((caller) => audiences.map((audience) => [caller, audience] as const))

test.each(pairs)('what %s signs for %s opens that and nothing else', async (caller, audience) => {
  const token = await serviceToken(caller, audience)
  for (const [name, allowed] of Object.entries(accepted)) {
    const expected = name === audience && allowed.includes(caller) ? caller : undefined
    expect(await serviceVerifier(jwks, name, allowed)(token)).toBe(expected)
  }
})

test("a user's token, or none, does not make a service", async () => {
  const verify = serviceVerifier(jwks, 'orders', ['order-sweeper'])
  expect(await verify(await userToken('0199a000-0000-7000-8000-000000000001', ['admin']))).toBeUndefined()
  expect(await verify('')).toBeUndefined()
})

test('a caller cannot sign in the name of another', async () => {
  const verify = serviceVerifier(jwks, 'reservations', ['orders', 'order-sweeper'])
  const sweeperKey = signingKey('order-sweeper')
  expect(await verify(await serviceTokens(sweeperKey, 'orders', () => new Date())('reservations'))).toBeUndefined()
  expect(await verify(await serviceTokens({ ...sweeperKey, kid: 'orders' }, 'orders', () => new Date())('reservations'))).toBeUndefined()
})

test('a token that never ends is refused', async () => {
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'EdDSA', kid: 'orders' })
    .setIssuer('orders')
    .setAudience('reservations')
    .sign(await importJWK(signingKey('orders'), 'EdDSA'))
  expect(await serviceVerifier(jwks, 'reservations', ['orders'])(token)).toBeUndefined()
})

test('a token is used again for half its life, which is a minute, and is another one for each audience', async () => {
  const start = Math.floor(Date.now() / 1000) * 1000
  let now = start
  const token = serviceTokens(signingKey('orders'), 'orders', () => new Date(now))
  const first = await token('reservations')
  now = start + 29_999
  expect(await token('reservations')).toBe(first)
  expect(await token('pricing')).not.toBe(first)
  now = start + 30_000
  expect(await token('reservations')).not.toBe(first)

  const verify = serviceVerifier(jwks, 'reservations', ['orders'])
  const signedAt = (time: number) => serviceTokens(signingKey('orders'), 'orders', () => new Date(time))('reservations')
  expect(await verify(await signedAt(start - 50_000))).toBe('orders')
  expect(await verify(await signedAt(start - 60_000))).toBeUndefined()
})

test('a key that cannot sign fails the call that needs it, and not the process', async () => {
  const key = { ...signingKey('orders'), d: 'AA' }
  const broken = serviceTokens(key, 'orders', () => new Date())
  await expect(importJWK(key, 'EdDSA')).rejects.toThrow('Invalid keyData')
  await setImmediate()
  await expect(broken('reservations')).rejects.toThrow('Invalid keyData')
})

test('only a bearer header carries a token', () => {
  expect(bearerToken('Bearer abc.def-1_~+/=')).toBe('abc.def-1_~+/=')
  expect(bearerToken('bearer  abc')).toBe('abc')
  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'XBearer abc']) {
    expect(bearerToken(header)).toBeUndefined()
  }
})
