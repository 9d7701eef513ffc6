import { createHash } from 'node:crypto'
import type { Context } from 'hono'

/** A strong entity tag for content that has no version of its own. */
export const contentTag = (content: string): string => `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`

/** A strong entity tag of a row's version. */
export const versionTag = (version: number): string => `"${version}"`

/** Sets `ETag`; true when the caller's copy is current and 304 is the answer (weak comparison: RFC 9110, 13.1.2). */
export function isUnmodified(c: Context, tag: string): boolean {
  c.header('etag', tag)
  const known = c.req
    .header('if-none-match')
    ?.split(',')
    .map((given) => given.trim().replace(/^W\//, ''))
  return known !== undefined && (known.includes('*') || known.includes(tag))
}

/**
 * The tags an `If-Match` header lists, for a change to be made only to one of these versions; `undefined` when any will do. They are
 * compared strongly (RFC 9110, 13.1.1), so a weak one matches nothing.
 */
export function wantedTags(header: string | undefined): string[] | undefined {
  const tags = header?.split(',').map((tag) => tag.trim())
  return tags?.includes('*') ? undefined : tags
}
