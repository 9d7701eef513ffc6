import { expect, test } from 'vitest'
import { money } from './money.ts'

test.each([
  { amount: 0, currency: 'EUR' },
  { amount: 1999, currency: 'JPY' },
  { amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' },
])('$amount in minor units of $currency is an amount', (value) => {
  expect(money.parse(value)).toEqual(value)
})

test.each([
  ['a fraction of a cent', { amount: 19.99, currency: 'EUR' }],
  ['less than nothing', { amount: -1, currency: 'EUR' }],
  ['more than a number can hold exactly', { amount: 2 ** 53, currency: 'EUR' }],
  ['text', { amount: '1999', currency: 'EUR' }],
  ['no number', { amount: Number.NaN, currency: 'EUR' }],
  ['a currency in small letters', { amount: 1, currency: 'eur' }],
  ['a sign for a currency', { amount: 1, currency: '€' }],
  ['no currency', { amount: 1 }],
  ['something else beside it', { amount: 1, currency: 'EUR', cents: 1 }],
])('%s is none', (_, value) => {
  expect(money.safeParse(value).success).toBe(false)
})
