import * as z from 'zod'
import { expandable, integer } from './params.ts'
import type { Cursor, PageOf } from './store-lists.ts'
import { invalidRequest, missingResource, StripeError } from './stripe-error.ts'

/** Beyond any time that will be listed, in Unix seconds. */
const LATEST = 2 ** 40
const seconds = integer(0, LATEST)
const range = z.strictObject({ gt: seconds.optional(), gte: seconds.optional(), lt: seconds.optional(), lte: seconds.optional() })

/** Parameters of every list; `expandableNames` are those of one object in it. */
export const listParams = (expandableNames: readonly string[]) => ({
  limit: integer(1, 100).default(10),
  starting_after: z.string().max(255).optional(),
  ending_before: z.string().max(255).optional(),
  created: z.union([range, seconds], { error: 'Invalid created: give a time in Unix seconds, or gt, gte, lt, lte.' }).optional(),
  expand: expandable(...expandableNames.map((name) => `data.${name}`)),
})

type Given = {
  limit: number
  created?: z.infer<typeof range> | number | undefined
  starting_after?: string | undefined
  ending_before?: string | undefined
}
type Find = (id: string) => Promise<Cursor | null | undefined>

/** The page to read, with one object more than asked for, which tells whether another page follows. */
export async function pageOf({ limit, created = {}, starting_after, ending_before }: Given, kind: string, find: Find): Promise<PageOf> {
  if (starting_after !== undefined && ending_before !== undefined) {
    const message = 'Give either starting_after or ending_before, not both.'
    throw new StripeError(invalidRequest(message, { code: 'parameters_exclusive', param: 'ending_before' }))
  }
  const { gt, gte = 0, lt, lte = LATEST } = typeof created === 'number' ? { gte: created, lte: created } : created
  const cursor = async (param: string, id: string | undefined) => {
    const found = id === undefined ? undefined : await find(id)
    if (id !== undefined && !found) throw new StripeError({ ...missingResource(kind, id, param), status: 400 })
    return found ?? undefined
  }
  return {
    limit: limit + 1,
    from: Math.max(gte, gt === undefined ? 0 : gt + 1),
    to: Math.min(lte, lt === undefined ? LATEST : lt - 1),
    after: await cursor('starting_after', starting_after),
    before: await cursor('ending_before', ending_before),
  }
}

/** A page as Stripe's list object; `url` is the path of the list. */
export const listView = <Row, View>(rows: readonly Row[], { limit, ending_before }: Given, url: string, view: (row: Row) => View) => ({
  object: 'list',
  url,
  has_more: rows.length > limit,
  // The object that tells of more is the furthest from where the page begins.
  data: (ending_before === undefined ? rows.slice(0, limit) : rows.slice(-limit)).map(view),
})

/** The names to expand in one object, from those given for a list of them. */
export const expandEach = (expand: readonly string[]): string[] => expand.map((name) => name.replace(/^data\./, ''))
