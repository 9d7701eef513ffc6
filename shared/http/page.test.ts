import { expect, test } from 'vitest'
import * as z from 'zod'
import { problems } from '#shared/problem/problem.ts'
import { decodeCursor, encodeCursor, pageOf, pageQuery, toPage } from './page.ts'

const query = z.strictObject(pageQuery)
const rows = [1, 2, 3, 4].map((id) => ({ id, name: `row ${id}` }))
const keysOf = (row: { id: number }) => row.id

test('a page has twenty items unless asked, and one to a hundred when asked', () => {
  expect(query.parse({})).toEqual({ limit: 20 })
  expect([query.parse({ limit: '1' }).limit, query.parse({ limit: '100' }).limit]).toEqual([1, 100])
  for (const limit of ['0', '101', '-1', '1.5', 'ten', '']) expect(query.safeParse({ limit }).success).toBe(false)
  expect(query.safeParse({ cursor: 'a'.repeat(1025) }).success).toBe(false)
})

test('a page that is followed by another says where, and the last one says so', () => {
  const { items, nextCursor } = toPage(rows, 3, keysOf)
  expect(items).toEqual(rows.slice(0, 3))
  expect(decodeCursor(z.int(), nextCursor ?? '')).toBe(3)
  expect(toPage(rows, 4, keysOf)).toEqual({ items: rows, nextCursor: null })
  expect(toPage([], 4, keysOf)).toEqual({ items: [], nextCursor: null })
  expect(pageOf(z.object({ id: z.int() })).safeParse(toPage(rows, 3, keysOf)).success).toBe(true)
})

test('a cursor brings back the keys it was made of, in characters that need no escape in a URL', () => {
  const keys = ['Über/+?', '0199a000-0000-7000-8000-000000000001', 12]
  const cursor = encodeCursor(keys)
  expect(cursor).toMatch(/^[\w-]+$/)
  expect(decodeCursor(z.tuple([z.string(), z.uuid(), z.int()]), cursor)).toEqual(keys)
})

test.each([
  ['nothing', ''],
  ['no JSON', Buffer.from('{').toString('base64url')],
  ['keys of another list', encodeCursor('not a number')],
  ['no base64', '%%%'],
])("a cursor of %s is the caller's error", (_, cursor) => {
  expect(() => decodeCursor(z.int(), cursor)).toThrow(expect.objectContaining({ type: problems.validationFailed }))
  expect(() => decodeCursor(z.int(), cursor)).toThrow(/^query\/cursor: /)
})
