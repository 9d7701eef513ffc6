/** What is promised over 30 days: the share of requests that may fail, and that may be slow. */
export const slo = { window: '30d', budgets: { failures: 0.001, slow_requests: 0.01 } } as const
