import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { Jwks, SigningKey } from '#shared/auth/jwks.ts'
import { serviceTokens } from '#shared/auth/service-token.ts'
import { userTokenSigner } from '#shared/auth/user-token.ts'

const issuers = ['accounts', 'orders', 'order-sweeper'] as const
type Issuer = (typeof issuers)[number]

/** Keys made for one test file: the `JWKS` a function is given, and real tokens that it accepts. */
export function testIdentity() {
  const keys = Object.fromEntries(issuers.map((issuer) => [issuer, makeKey(issuer)])) as Record<Issuer, SigningKey>
  const jwks: Jwks = { keys: issuers.map((iss) => publicKey(keys[iss], iss)) }
  const now = () => new Date()
  const signUser = userTokenSigner(keys.accounts, now)
  return {
    jwks,
    /** The private key of an issuer, as its setting is parsed. */
    signingKey: (issuer: Issuer) => keys[issuer],
    /** An access token, by default of a customer. */
    userToken: (id: string, roles: readonly string[] = ['customer']) => signUser({ id, roles, sessionId: randomUUID() }),
    /** A token with which one function calls another. */
    serviceToken: (issuer: Issuer, audience: string) => serviceTokens(keys[issuer], issuer, now)(audience),
  }
}

function publicKey(key: SigningKey, iss: Issuer) {
  const { d: _, ...publicHalf } = key
  return { ...publicHalf, iss }
}

function makeKey(kid: string): SigningKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x, d, kid, alg: 'EdDSA', use: 'sig' }
}
