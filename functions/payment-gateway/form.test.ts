import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeForm } from './form.ts'
import { StripeError } from './stripe-error.ts'

test('brackets name members, numbers and empty brackets make lists', () => {
  const form = decodeForm(
    'amount=5&metadata[order_id]=o1&metadata[a%20b]=c&expand[0]=x&expand[1]=y&types[]=card&types[]=link&s[address][city]=Bonn',
  )
  expect(JSON.parse(JSON.stringify(form))).toEqual({
    amount: '5',
    metadata: { order_id: 'o1', 'a b': 'c' },
    expand: ['x', 'y'],
    types: ['card', 'link'],
    s: { address: { city: 'Bonn' } },
  })
})

test('a name that is not well formed is taken as it stands, so that it is refused as unknown', () => {
  expect(Object.keys(decodeForm('a[=1&[b]=2&c]=3'))).toEqual(['a[', '[b]', 'c]'])
})

test('names of the prototype stay plain names', () => {
  const form = decodeForm('__proto__[polluted]=1&constructor[prototype][polluted]=1')
  expect(Object.keys(form)).toEqual(['__proto__', 'constructor'])
  expect('polluted' in {}).toBe(false)
})

test('whatever is sent, the answer is parameters or a refusal', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.stringMatching(/^[ab01[\]]{0,9}$/), fc.string()), { maxLength: 12 }), (pairs) => {
      const decoded = attempt(() => decodeForm(new URLSearchParams(pairs).toString()))
      expect(decoded).toBeTypeOf('object')
    }),
  )
})

function attempt(decode: () => unknown): unknown {
  try {
    return decode()
  } catch (error) {
    if (error instanceof StripeError) return error
    throw error
  }
}
