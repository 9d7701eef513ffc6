/** What customers are promised, over 30 days: the alerts burn the same budget. */
export const slo = { availability: 0.999, window: '30d' } as const
