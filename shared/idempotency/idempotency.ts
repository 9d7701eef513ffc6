import { createHash } from 'node:crypto'
import * as z from 'zod'

/** The `Idempotency-Key` header: long enough not to collide, plain enough to log. */
export const idempotencyKey = z.string().regex(/^[A-Za-z0-9_-]{16,255}$/, 'must be 16 to 255 characters of A–Z, a–z, 0–9, _ and -')

/** SHA-256 (hex) of a JSON value; the order of object members makes no difference. */
export const fingerprint = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}
