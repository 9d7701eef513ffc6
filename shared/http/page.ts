import * as z from 'zod'
import { validationProblem } from '#shared/problem/problem.ts'

/** Query parameters of a list: how many items, and where the last page ended. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(1024).optional(),
}

/** A page of a list; `nextCursor` is `null` on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() })

/** Makes an opaque cursor of the keys of the last item of a page. */
export const encodeCursor = (keys: unknown): string => Buffer.from(JSON.stringify(keys)).toString('base64url')

/** The keys in a cursor, checked against `schema`; a cursor that was not made by `encodeCursor` is the caller's error. */
export function decodeCursor<T extends z.ZodType>(schema: T, cursor: string): z.infer<T> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    throw validationProblem('query', [{ pointer: '/cursor', detail: 'is not a cursor of this list' }])
  }
}

/** Cuts the one row too many that tells whether another page follows. */
export function toPage<T>(rows: readonly T[], limit: number, keysOf: (row: T) => unknown): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keysOf(last)) : null }
}
