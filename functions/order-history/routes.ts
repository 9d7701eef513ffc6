import * as z from 'zod'
import { orderView } from '#db/orders/view.ts'
import { pageOf, pageQuery } from '#shared/http/page.ts'
import { json, problem, route } from '#shared/http/route.ts'

const access = { roles: ['customer'] } as const

/** The caller's orders, the newest first. */
export const listOrders = route({
  method: 'get',
  path: '/v1/orders',
  access,
  tags: ['Orders'],
  summary: 'List my orders, the newest first',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: json(pageOf(orderView), 'A page of orders'),
    400: problem('The limit or the cursor is not valid'),
    401: problem('No valid access token'),
  },
})

/** One of the caller's orders. */
export const getOrder = route({
  method: 'get',
  path: '/v1/orders/{id}',
  access,
  tags: ['Orders'],
  summary: 'Read one of my orders',
  request: {
    params: z.object({ id: z.uuid() }),
    headers: z.object({ 'if-none-match': z.string().optional().meta({ description: 'The ETag of the copy at hand' }) }),
  },
  responses: {
    200: { ...json(orderView, 'The order'), headers: z.object({ etag: z.string() }) },
    304: { description: 'The copy at hand is current' },
    400: problem('The id is not valid'),
    401: problem('No valid access token'),
    404: problem('The caller has no such order'),
  },
})
