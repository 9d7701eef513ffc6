import * as z from 'zod'
import { sku } from '#db/inventory/sku.ts'
import { json, problem, route } from '#shared/http/route.ts'

const stockLevel = z
  .object({
    sku,
    available: z.int().min(0).meta({ description: 'Units that can be ordered now', example: 42 }),
    low: z.boolean().meta({ description: 'Whether few or none are left' }),
  })
  .meta({ id: 'StockLevel' })

/** The body of `GET /v1/stock/{sku}`. */
export type StockLevel = z.infer<typeof stockLevel>

export const getStock = route({
  method: 'get',
  path: '/v1/stock/{sku}',
  access: 'public',
  tags: ['stock'],
  summary: 'Read how many units of a SKU can be ordered',
  description: 'Nothing is held by asking: only an order holds stock.',
  request: { params: z.strictObject({ sku }), query: z.strictObject({}) },
  responses: {
    200: json(stockLevel, 'The stock as it is now'),
    304: { description: 'The copy named by If-None-Match is current' },
    400: problem('The SKU is malformed or a query parameter is not known'),
    404: problem('The SKU does not exist or is not for sale'),
  },
})
