import { createHash, randomBytes } from 'node:crypto'

/** An opaque refresh token of 256 random bits. */
export const newRefreshToken = (): string => randomBytes(32).toString('base64url')

/** The digest under which a token or an address is stored. */
export const sha256 = (value: string): Buffer => createHash('sha256').update(value).digest()
