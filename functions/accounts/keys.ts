import type { Jwks, SigningKey } from '#shared/auth/jwks.ts'

/** The public keys of users' tokens (RFC 7517); those that functions sign their calls with are nobody else's business. */
export const publishedKeys = ({ keys }: Jwks) => ({
  keys: keys.filter(({ iss }) => iss === 'accounts').map(({ kty, crv, x, kid, alg, use }) => ({ kty, crv, x, kid, alg, use })),
})

/** Stops the start when nobody could verify what `key` signs: every login would give a token that no function takes. */
export function requirePublished({ kid, x }: SigningKey, jwks: Jwks): void {
  if (publishedKeys(jwks).keys.some((key) => key.kid === kid && key.x === x)) return
  throw new Error('ACCESS_TOKEN_KEY: its public half is not in JWKS as a key of the issuer accounts')
}
