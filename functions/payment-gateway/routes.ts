import * as z from 'zod'
import { json, problem, route } from '#shared/http/route.ts'

const count = z.int().min(0)

/** Called on the schedule of the sweeper, so that webhooks and what time brings do not wait for the next payment. */
export const deliverDue = route({
  method: 'post',
  path: '/internal/deliver',
  access: { services: ['order-sweeper'] },
  summary: 'Deliver the webhooks that are due, and do what time brings',
  responses: {
    200: json(z.object({ attempts: count, refunds: count, expired: count }), 'What was done'),
    401: problem('No service token of the sweeper'),
    503: problem('The database cannot be reached'),
  },
})
