import { expect, test } from 'vitest'
import { goalLine } from './goal.ts'

test.each([
  [{ id: 'cold.catalog', value: 2.707, relation: '<=', target: 3 }, 'goal: cold.catalog 2.71 <= 3.0 met'],
  [{ id: 'cold.catalog', value: 3.004, relation: '<=', target: 3 }, 'goal: cold.catalog 3.00 <= 3.0 met'],
  [{ id: 'cold.catalog', value: 3.006, relation: '<=', target: 3 }, 'goal: cold.catalog 3.01 <= 3.0 short'],
  [{ id: 'reads.list', value: 0.5, relation: '>=', target: 0.5 }, 'goal: reads.list 0.50 >= 0.5 met'],
  [{ id: 'reads.list', value: 0.49, relation: '>=', target: 0.5 }, 'goal: reads.list 0.49 >= 0.5 short'],
] as const)('%o is told as %s', (goal, line) => {
  expect(goalLine(goal)).toBe(line)
})

test('a goal of two places is printed with both', () => {
  expect(goalLine({ id: 'telemetry.products', value: 0.98, relation: '>=', target: 0.85 })).toBe(
    'goal: telemetry.products 0.98 >= 0.85 met',
  )
})
