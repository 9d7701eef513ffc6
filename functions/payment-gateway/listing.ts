import * as z from 'zod'
import { expandable, integer } from './params.ts'
import type { Cursor, PageOf } from './store.ts'
import { missingResource, StripeError } from './stripe-error.ts'

/** Beyond any time that will be listed, in Unix seconds. */
const LATEST = 2 ** 40
const seconds = integer(0, LATEST)
const range = z.strictObject({ gt: seconds.optional(), gte: seconds.optional(), lt: seconds.optional(), lte: seconds.optional() })

/** Parameters of every list; `expandableNames` are those of one object in it. */
export const listParams = (expandableNames: readonly string[]) => ({
  limit: integer(1, 100).default(10),
  starting_after: z.string().max(255).optional(),
  created: z.union([range, seconds], { error: 'Invalid created: give a time in Unix seconds, or gt, gte, lt, lte.' }).optional(),
  expand: expandable(...expandableNames.map((name) => `data.${name}`)),
})

type Given = { limit: number; created?: z.infer<typeof range> | number | undefined; starting_after?: string | undefined }

/** The page to read, with one object more than asked for, which tells whether another page follows. */
export async function pageOf(
  { limit, created = {}, starting_after }: Given,
  kind: string,
  find: (id: string) => Promise<Cursor | undefined>,
): Promise<PageOf> {
  const { gt, gte = 0, lt, lte = LATEST } = typeof created === 'number' ? { gte: created, lte: created } : created
  const after = starting_after === undefined ? undefined : await find(starting_after)
  if (starting_after !== undefined && !after)
    throw new StripeError({ ...missingResource(kind, starting_after, 'starting_after'), status: 400 })
  return {
    limit: limit + 1,
    from: Math.max(gte, gt === undefined ? 0 : gt + 1),
    to: Math.min(lte, lt === undefined ? LATEST : lt - 1),
    after,
  }
}

/** A page as Stripe's list object; `url` is the path of the list. */
export const listView = <Row, View>(rows: readonly Row[], limit: number, url: string, view: (row: Row) => View) => ({
  object: 'list',
  url,
  has_more: rows.length > limit,
  data: rows.slice(0, limit).map(view),
})

/** The names to expand in one object, from those given for a list of them. */
export const expandEach = (expand: readonly string[]): string[] => expand.map((name) => name.replace(/^data\./, ''))
