import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { Problem } from '#shared/problem/problem.ts'
import { contentTag, isUnmodified, requireMatch, versionTag } from './etag.ts'

const app = new Hono()
  .get('/', (c) => (isUnmodified(c, versionTag(3)) ? c.body(null, 304) : c.text('third')))
  .put('/', (c) => {
    requireMatch(c, versionTag(3))
    return c.text('changed')
  })
app.onError((error) => (error instanceof Problem ? error.toResponse('r-1') : new Response(null, { status: 500 })))

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

test.each([['"3"'], ['"1", "3"'], ['*']])('a change that names %s is made', async (wanted) => {
  expect(await status('PUT', 'if-match', wanted)).toBe(200)
})

test.each([['"2"'], ['"1", "2"'], ['3'], ['W/"3"']])(
  'a change that names %s is refused: strong tags alone are compared',
  async (wanted) => {
    expect(await status('PUT', 'if-match', wanted)).toBe(412)
  },
)

test('a change that names no version is made', async () => {
  expect((await app.request('/', { method: 'PUT' })).status).toBe(200)
})

test('the same content has the same tag, and other content another', () => {
  expect(contentTag('a')).toMatch(/^"[\w-]{22}"$/)
  expect(contentTag('a')).toBe(contentTag('a'))
  expect(contentTag('a')).not.toBe(contentTag('b'))
})
