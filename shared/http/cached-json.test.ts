import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { cachedJson } from './cached-json.ts'

const app = new Hono().get('/', (c) => cachedJson(c, '{"a" : 1}', 'public, max-age=5') as unknown as Response)

test('the text is sent as it is, as JSON that caches may keep', async () => {
  const response = await app.request('/')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('cache-control')).toBe('public, max-age=5')
  expect(response.headers.get('etag')).toMatch(/^"[\w-]{22}"$/)
  expect(await response.text()).toBe('{"a" : 1}')
})

test('whoever holds the same content is told so without a body, and only then', async () => {
  const tag = (await app.request('/')).headers.get('etag') ?? ''
  for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
    const response = await app.request('/', { headers: { 'if-none-match': known } })
    expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([304, tag, ''])
  }
  expect((await app.request('/', { headers: { 'if-none-match': '"x"' } })).status).toBe(200)
})
