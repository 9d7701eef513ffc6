import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { contentTag, isUnmodified, versionTag, wantedTags } from './etag.ts'

const app = new Hono().get('/', (c) => (isUnmodified(c, versionTag(3)) ? c.body(null, 304) : c.text('third')))

const status = async (method: string, header: string, value: string) =>
  (await app.request('/', { method, headers: { [header]: value } })).status

test('an answer carries the tag of its version', async () => {
  const response = await app.request('/')
  expect([response.status, response.headers.get('etag')]).toEqual([200, '"3"'])
})

test.each(['"3"', 'W/"3"', '"1", "3"', '"1","3" , W/"7"', '*'])('a reader who holds %s is told that nothing changed', async (known) => {
  const response = await app.request('/', { headers: { 'if-none-match': known } })
  expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([304, '"3"', ''])
})

test.each(['"2"', '"1", "2"', '3', '"33"', ''])('a reader who holds %s gets the new version', async (known) => {
  expect(await status('GET', 'if-none-match', known)).toBe(200)
})

test('a change may name the versions it is meant for, or any', () => {
  expect(wantedTags('"1", W/"3"')).toEqual(['"1"', 'W/"3"'])
  expect(wantedTags('"1", *')).toBeUndefined()
  expect(wantedTags(undefined)).toBeUndefined()
})

test('the same content has the same tag, and other content another', () => {
  expect(contentTag('a')).toMatch(/^"[\w-]{22}"$/)
  expect(contentTag('a')).toBe(contentTag('a'))
  expect(contentTag('a')).not.toBe(contentTag('b'))
})
