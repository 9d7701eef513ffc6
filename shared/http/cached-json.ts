import type { Context, TypedResponse } from 'hono'
import { contentTag, isUnmodified } from './etag.ts'

type Unmodified = TypedResponse<object, 304, string>

/**
 * Answers with JSON that is text already, as the database made it, under the ETag of its content; 304 when the caller holds the
 * same. `cacheControl` says how long caches may keep it. `T` is what the text holds by the route's contract.
 */
export function cachedJson<T>(c: Context, text: string, cacheControl: string): TypedResponse<T, 200, 'json'> | Unmodified {
  c.header('cache-control', cacheControl)
  const unmodified = isUnmodified(c, contentTag(text))
  const response: unknown = unmodified ? c.body(null, 304) : c.body(text, 200, { 'content-type': 'application/json' })
  return response as TypedResponse<T, 200, 'json'> | Unmodified
}
