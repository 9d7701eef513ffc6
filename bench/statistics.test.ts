import { expect, test } from 'vitest'
import { spreadOf } from './statistics.ts'

test('the median is the middle one of an odd number, and between the middle two of an even one', () => {
  expect(spreadOf([3, 1, 10])).toEqual({ median: 3, min: 1, max: 10 })
  expect(spreadOf([4, 1, 2, 10])).toEqual({ median: 3, min: 1, max: 10 })
  expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 })
})

test('nothing measured has no median', () => {
  expect(() => spreadOf([])).toThrow('Nothing was measured')
})
