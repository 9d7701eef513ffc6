import * as z from 'zod'
import { json, problem, route } from '#shared/http/route.ts'

const count = z.int().min(0)

/** Called by a schedule, which has no token: only callers inside the cluster reach it. A body is ignored. */
export const sweepOrders = route({
  method: 'post',
  path: '/sweep',
  access: 'public',
  summary: 'Have due orders settled and due webhooks delivered',
  responses: {
    200: json(
      z.object({ due: count, settled: count, open: count, failed: count, webhooks: count }),
      'What became of the due orders, and webhooks sent',
    ),
    503: problem('The database cannot be reached'),
  },
})
