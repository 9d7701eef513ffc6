import { decodeJwt, importJWK, jwtVerify, SignJWT } from 'jose'
import { type Jwks, keysOf, type SigningKey } from './jwks.ts'

const LIFETIME_SECONDS = 60

/**
 * Tokens with which the function `issuer` calls others: short-lived, signed by its own key, each for one audience. A
 * token is used again for the first half of its life.
 */
export function serviceTokens(key: SigningKey, issuer: string, now: () => Date): (audience: string) => Promise<string> {
  const imported = importJWK(key, 'EdDSA')
  imported.catch(() => {})
  const kept = new Map<string, { token: Promise<string>; until: number }>()
  const sign = async (audience: string, issuedAt: number) =>
    new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_SECONDS)
      .sign(await imported)
  return async (audience) => {
    const seconds = Math.floor(now().getTime() / 1000)
    const known = kept.get(audience)
    if (known && known.until > seconds) return known.token
    const token = sign(audience, seconds)
    kept.set(audience, { token, until: seconds + LIFETIME_SECONDS / 2 })
    return token
  }
}

/** Checks that a token was signed by one of `callers` for `audience`: the caller's name, or `undefined`. */
export function serviceVerifier(jwks: Jwks, audience: string, callers: readonly string[]): (token: string) => Promise<string | undefined> {
  const keysByCaller = new Map(callers.map((caller) => [caller, keysOf(jwks, caller)]))
  return async (token) => {
    try {
      const { iss: issuer } = decodeJwt(token)
      const keys = issuer === undefined ? undefined : keysByCaller.get(issuer)
      if (issuer === undefined || !keys) return undefined
      await jwtVerify(token, keys, { issuer, audience, algorithms: ['EdDSA'], requiredClaims: ['exp'] })
      return issuer
    } catch {
      return undefined
    }
  }
}
