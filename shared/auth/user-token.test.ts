import { randomUUID } from 'node:crypto'
import { type CryptoKey, importJWK, type JWTPayload, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { testIdentity } from '#shared/testing/identity.ts'
import { ACCESS_TOKEN_SECONDS, userTokenSigner, userVerifier } from './user-token.ts'

const { jwks, signingKey } = testIdentity()
const verify = userVerifier(jwks)
const user = { id: randomUUID(), roles: ['customer', 'staff'], sessionId: randomUUID() }
const now = () => Math.floor(Date.now() / 1000)
const signedAt = (seconds: number) => userTokenSigner(signingKey('accounts'), () => new Date(seconds * 1000))(user)

test('a person is whom the access token names', async () => {
  expect(await verify(await signedAt(now()))).toEqual(user)
})

test('a token is good for its fifteen minutes, by the clock it was signed with, and no longer', async () => {
  expect(await verify(await signedAt(now() - ACCESS_TOKEN_SECONDS + 60))).toEqual(user)
  expect(await verify(await signedAt(now() - ACCESS_TOKEN_SECONDS))).toBeUndefined()
})

test('while keys are rotated both are good, and the old one no more once it is taken away', async () => {
  const newer = testIdentity()
  const newKey = { ...newer.signingKey('accounts'), kid: 'accounts-2' }
  const newPublic = newer.jwks.keys.filter(({ iss }) => iss === 'accounts').map((key) => ({ ...key, kid: 'accounts-2' }))
  const oldToken = await signedAt(now())
  const newToken = await userTokenSigner(newKey, () => new Date())(user)

  const both = userVerifier({ keys: [...jwks.keys, ...newPublic] })
  expect([await both(oldToken), await both(newToken)]).toEqual([user, user])
  const rotated = userVerifier({ keys: newPublic })
  expect([await rotated(oldToken), await rotated(newToken)]).toEqual([undefined, user])
})

type Forgery = { claims?: JWTPayload; header?: Record<string, unknown>; key?: CryptoKey | Uint8Array }

async function forge({ claims = {}, header = {}, key }: Forgery = {}): Promise<string> {
  const { id: sub, roles, sessionId: sid } = user
  const payload = { iss: 'accounts', aud: 'shop', sub, sid, roles, exp: now() + 60, ...claims }
  const signed = new SignJWT(JSON.parse(JSON.stringify(payload))).setProtectedHeader({ alg: 'EdDSA', kid: 'accounts', ...header })
  return signed.sign(key ?? (await privateKey('accounts')))
}

const privateKey = async (issuer: 'accounts' | 'orders') => (await importJWK(signingKey(issuer), 'EdDSA')) as CryptoKey
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function withPayload(change: object) {
  const [header, payload = '', signature] = (await forge()).split('.')
  return [header, encode({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...change }), signature].join('.')
}

test('what the forgeries below are made of is itself a good token', async () => {
  expect(await verify(await forge())).toEqual(user)
})

test.each<[string, () => Promise<string>]>([
  ['of another issuer', () => forge({ claims: { iss: 'orders' } })],
  ['for another audience', () => forge({ claims: { aud: 'reservations' } })],
  ['for no audience', () => forge({ claims: { aud: undefined as unknown as string } })],
  ['that never ends', () => forge({ claims: { exp: undefined as unknown as number } })],
  ['that has ended', () => forge({ claims: { exp: now() - 1 } })],
  ['that names nobody', () => forge({ claims: { sub: undefined as unknown as string } })],
  ['without roles', () => forge({ claims: { roles: undefined } })],
  ['without a session', () => forge({ claims: { sid: undefined } })],
  ['signed by the key of another issuer', async () => forge({ header: { kid: 'orders' }, key: await privateKey('orders') })],
  ['signed by another key under the name of the right one', async () => forge({ key: await privateKey('orders') })],
  ['signed by a key nobody published', () => forge({ header: { kid: 'unknown' } })],
  ['without a signature', async () => `${encode({ alg: 'none' })}.${(await forge()).split('.')[1]}.`],
  ['signed with the public key as a shared secret', () => forge({ header: { alg: 'HS256' }, key: Buffer.from(jwks.keys[0]?.x ?? '') })],
  ['changed after it was signed', () => withPayload({ roles: ['admin'] })],
  ['that is no token', async () => 'not.a.token'],
  ['that is empty', async () => ''],
])('a token %s is refused', async (_, make) => {
  expect(await verify(await make())).toBeUndefined()
})
