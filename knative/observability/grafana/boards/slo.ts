import { badBelow, statPanel } from '../panels.ts'
import { budgetLeft } from '../promql.ts'

/** What is left of the two budgets of one function. */
export const budgetPanels = (name: string) =>
  [
    {
      kind: 'failures',
      title: 'Availability budget',
      description: 'What is left of the failures that 30 days allow: one of a thousand requests. Below 0 the promise is broken.',
    } as const,
    {
      kind: 'slow_requests',
      title: 'Latency budget',
      description:
        'What is left of the slow requests that 30 days allow: one of a hundred may take longer than half a second, or than 2.5 s when it places an order.',
    } as const,
  ].map(({ kind, title, description }) =>
    statPanel({
      title,
      description,
      unit: 'percentunit',
      width: 3,
      max: 1,
      decimals: 1,
      queries: [{ expr: budgetLeft(kind, name), legend: 'Left' }],
      thresholds: badBelow(0.5, 0.1),
    }),
  )
