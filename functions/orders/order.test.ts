import { expect, test } from 'vitest'
import { ACTION_WINDOW_SECONDS, HOLD_SECONDS, isOpen, overdue, priceMismatch } from './order.ts'

const hour = 60 * 60

test('an order is open until it is paid or given up', () => {
  const statuses = ['pending', 'requires_action', 'paid', 'rejected', 'cancelled'] as const
  expect(statuses.filter((status) => isOpen({ status }))).toEqual(['pending', 'requires_action'])
})

test.each([
  { status: 'pending', ageSeconds: 23 * hour - 1, code: undefined },
  { status: 'pending', ageSeconds: 23 * hour, code: 'payment_timeout' },
  { status: 'requires_action', ageSeconds: ACTION_WINDOW_SECONDS - 1, code: undefined },
  { status: 'requires_action', ageSeconds: ACTION_WINDOW_SECONDS, code: 'authentication_timeout' },
] as const)('a $status order of $ageSeconds s is overdue: $code', ({ status, ageSeconds, code }) => {
  expect(overdue({ status, ageSeconds })?.code).toBe(code)
})

test('the stock is held for longer than the customer may take, so that its end decides nothing', () => {
  expect(HOLD_SECONDS).toBeGreaterThan(ACTION_WINDOW_SECONDS)
})

test('only a total that differs from an expected one is a mismatch, and it names the new one', () => {
  const priced = { lines: [], subtotal: 1_000, tax: 190, total: 1_190 }
  expect(priceMismatch({ expectedTotal: null, currency: 'EUR' }, priced)).toBeUndefined()
  expect(priceMismatch({ expectedTotal: 1_190, currency: 'EUR' }, priced)).toBeUndefined()
  expect(priceMismatch({ expectedTotal: 1_189, currency: 'EUR' }, priced)).toMatchObject({
    code: 'total_changed',
    extensions: { total: { amount: 1_190, currency: 'EUR' } },
  })
})
