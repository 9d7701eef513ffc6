import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'
import { jsonDocument } from '#shared/config/settings.ts'

/** A public key as it is published (RFC 8037). */
export const publicKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
})

const boundKey = publicKey.extend({ iss: z.string().meta({ description: 'The only issuer whose tokens this key may sign' }) })

/** The `JWKS` setting: public keys (RFC 8037), each bound to its issuer; several may be valid at once, so keys can be rotated. */
export const jwks = jsonDocument(z.object({ keys: z.array(boundKey).min(1) }))
export type Jwks = z.infer<typeof jwks>

/** A private signing key, as a setting. */
export const signingKey = jsonDocument(publicKey.extend({ d: z.string() }))
export type SigningKey = z.infer<typeof signingKey>

/** The keys that may sign for `issuer`, and no others. */
export const keysOf = ({ keys }: Jwks, issuer: string): JWTVerifyGetKey =>
  createLocalJWKSet({ keys: keys.filter((key) => key.iss === issuer) })
