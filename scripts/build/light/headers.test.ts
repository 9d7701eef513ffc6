import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LightHeaders } from './headers.ts'

const name = fc.constantFrom('etag', 'ETag', 'x-a', 'X-A', 'set-cookie', 'Set-Cookie', 'content-type', 'accept')
const value = fc.constantFrom('', 'a', 'b, c', ' padded\t', 'late\r\n', 'Zürich', 'a\nb', 'a\0', '世')
const wrongName = fc.constantFrom('', 'a b', 'a:b', 'é')
const change = fc.oneof(
  fc.tuple(fc.constantFrom('append' as const, 'set' as const), fc.oneof({ weight: 5, arbitrary: name }, wrongName), value),
  fc.tuple(fc.constantFrom('delete' as const, 'has' as const, 'get' as const), fc.oneof({ weight: 5, arbitrary: name }, wrongName)),
)

test('headers come to the same as those of Node, and both refuse the same', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.constantFrom('1', '2'))), fc.array(change), (init, changes) => {
      const light = new LightHeaders(init)
      const native = new Headers(init)
      for (const step of changes) expect(apply(light, step)).toEqual(apply(native, step))
      expect([...light]).toEqual([...native])
      expect([...light.keys()]).toEqual([...native.keys()])
      expect([...light.values()]).toEqual([...native.values()])
      expect(light.getSetCookie()).toEqual(native.getSetCookie())
      expect([...new LightHeaders(light)]).toEqual([...new Headers([...native])])
    }),
  )
})

test('headers are made of a record too, and each is told', () => {
  const headers = new LightHeaders({ 'X-B': '2', 'x-a': '1' })
  const told: string[] = []
  headers.forEach((value, name) => told.push(`${name}: ${value}`))
  expect(told).toEqual(['x-a: 1', 'x-b: 2'])
})

/** What a step gives, or that it is refused. */
function apply(headers: LightHeaders | Headers, [method, name, value = '']: readonly [string, string, string?]) {
  try {
    if (method === 'append' || method === 'set') return headers[method](name, value)
    return headers[method as 'get'](name)
  } catch (error) {
    return error instanceof TypeError
  }
}
