import * as z from 'zod'
import { orderView } from '#db/orders/view.ts'
import { json, problem, route } from '#shared/http/route.ts'
import { idempotencyKey } from '#shared/idempotency/idempotency.ts'
import { money } from '#shared/money/money.ts'

// PostgreSQL refuses NUL and lone surrogates; these texts have no use for any other control character either.
const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters')

const address = z.strictObject({
  name: text(200).meta({ example: 'A. Customer' }),
  line1: text(200).meta({ example: 'Market Square 1' }),
  line2: text(200).optional(),
  city: text(100).meta({ example: 'Berlin' }),
  postalCode: text(20).meta({ example: '10115' }),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166 alpha-2 code such as DE')
    .meta({ example: 'DE' }),
})

const item = z.strictObject({
  sku: text(64).meta({ example: 'MUG-0001' }),
  quantity: z.int().min(1).max(999).meta({ example: 1 }),
})

export const newOrder = z.strictObject({
  items: z.array(item).min(1).max(100),
  shippingAddress: address,
  paymentMethod: z
    .string()
    .regex(/^pm_[A-Za-z0-9_]{1,200}$/, 'must be the id of a payment method, such as pm_card_visa')
    .meta({ example: 'pm_card_visa' }),
  expectedTotal: money.optional().meta({ description: 'The order is refused when its total is another one' }),
})

const orderId = z.object({ id: z.uuid() })
const seconds = z
  .string()
  .regex(/^wait=\d{1,2}$/, 'must be wait= and a number of seconds')
  .optional()
  .meta({ description: 'How long to wait for the outcome (RFC 7240), at most 25 seconds', example: 'wait=10' })

export const placeOrder = route({
  method: 'post',
  path: '/v1/orders',
  access: { roles: ['customer'] },
  summary: 'Place and pay an order',
  description:
    'Prices and totals come from the shop. Send the same request with the same `Idempotency-Key` again whenever the answer is lost: there is one order and one charge per key.',
  request: {
    headers: z.object({ 'idempotency-key': idempotencyKey.meta({ example: 'order-2026-0000000001' }), prefer: seconds }),
    body: { required: true, ...json(newOrder, 'What to order, where to, and how it is paid') },
  },
  responses: {
    201: json(orderView, 'The order is paid'),
    202: json(orderView, 'The payment needs the customer (`requires_action`), or the outcome is still open (`pending`)'),
    400: problem('The request is not valid'),
    401: problem('A token is required'),
    402: problem('The payment was declined; `declineCode` says why'),
    409: problem('Out of stock, another total than expected, or the same key is being worked on'),
    413: problem('The body is too large'),
    415: problem('The body is not JSON'),
    422: problem('An item is not for sale, or the key was used for another request'),
  },
})

export const settleOrder = route({
  method: 'post',
  path: '/internal/orders/{id}/settle',
  access: { services: ['order-sweeper'] },
  summary: 'Bring an order to its goal',
  request: { params: orderId },
  responses: {
    200: json(z.object({ id: z.uuid(), status: orderView.shape.status }), 'How far the order has come'),
    404: problem('No such order'),
    409: problem('Another runner has the order'),
  },
})
