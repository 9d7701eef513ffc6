import { expect, test } from 'vitest'
import { fingerprint, idempotencyKey } from './idempotency.ts'

test('the order in which a body names its members makes no difference, at any depth', () => {
  const one = { sku: 'MUG-1', to: { city: 'Köln', lines: [{ a: 1, b: 2 }] } }
  const other = { to: { lines: [{ b: 2, a: 1 }], city: 'Köln' }, sku: 'MUG-1' }
  expect(fingerprint(other)).toBe(fingerprint(one))
  expect(fingerprint(one)).toMatch(/^[0-9a-f]{64}$/)
})

test('a member that is not there and one that is undefined are the same', () => {
  expect(fingerprint({ a: 1, b: undefined })).toBe(fingerprint({ a: 1 }))
})

test.each<[string, unknown, unknown]>([
  ['the order of an array', [1, 2], [2, 1]],
  ['a value', { quantity: 1 }, { quantity: 2 }],
  ['a name', { a: 1 }, { b: 1 }],
  ['the type of a value', { quantity: 1 }, { quantity: '1' }],
  ['null in place of nothing', { a: null }, {}],
  ['null in place of the word', ['null'], [null]],
  ['an empty array in place of an empty object', [], {}],
  ['the place of a member', { a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
  ['where a text ends', ['a', 'b'], ['a","b']],
])('%s makes a difference', (_, one, other) => {
  expect(fingerprint(one)).not.toBe(fingerprint(other))
})

test('a key is long enough not to collide and plain enough to log', () => {
  for (const key of ['a'.repeat(16), 'Z-_9'.repeat(63), crypto.randomUUID()]) expect(idempotencyKey.safeParse(key).success).toBe(true)
  for (const key of ['', 'a'.repeat(15), 'a'.repeat(256), `${'a'.repeat(16)}\n`, 'key with some spaces', 'schlüssel-schlüssel']) {
    expect(idempotencyKey.safeParse(key).success).toBe(false)
  }
})
