import { importJWK, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import type { User } from '#shared/http/app-env.ts'
import { type Jwks, keysOf, type SigningKey } from './jwks.ts'

const ISSUER = 'accounts'
const AUDIENCE = 'shop'

/** Seconds for which an access token is good. */
export const ACCESS_TOKEN_SECONDS = 15 * 60

const claims = z.object({ sub: z.uuid(), roles: z.array(z.string()), sid: z.uuid() })

/** Checks an access token; `undefined` for one that is forged, expired, or meant for somebody else. */
export function userVerifier(jwks: Jwks): (token: string) => Promise<User | undefined> {
  const keys = keysOf(jwks, ISSUER)
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithms: ['EdDSA'],
        requiredClaims: ['exp'],
      })
      const { sub, roles, sid } = claims.parse(payload)
      return { id: sub, roles, sessionId: sid }
    } catch {
      return undefined
    }
  }
}

/** Signs access tokens with the key of the issuer of users' tokens. */
export function userTokenSigner(key: SigningKey, now: () => Date): (user: User) => Promise<string> {
  const imported = importJWK(key, 'EdDSA')
  imported.catch(() => {})
  return async ({ id, roles, sessionId }) => {
    const issuedAt = Math.floor(now().getTime() / 1000)
    return new SignJWT({ roles, sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(id)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
      .sign(await imported)
  }
}
