import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { Problem, problems } from '#shared/problem/problem.ts'

/** A strong entity tag for content that has no version of its own. */
export const contentTag = (content: string): string => `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`

/** A strong entity tag of a row's version. */
export const versionTag = (version: number): string => `"${version}"`

const lists = (header: string, tag: string) => {
  const tags = header.split(',').map((value) => value.trim())
  return tags.includes('*') || tags.includes(tag)
}

/** Sets `ETag`; true when the caller's copy is current and 304 is the answer (weak comparison: RFC 9110, 13.1.2). */
export function isUnmodified(c: Context, tag: string): boolean {
  c.header('etag', tag)
  const known = c.req.header('if-none-match')
  return known !== undefined && (lists(known, tag) || lists(known, `W/${tag}`))
}

/** Refuses a change with 412 when `If-Match` names another version than the one that stands (strong comparison: RFC 9110, 13.1.1). */
export function requireMatch(c: Context, tag: string): void {
  const wanted = c.req.header('if-match')
  if (wanted !== undefined && !lists(wanted, tag)) throw new Problem(problems.preconditionFailed)
}
