import { Problem, type ProblemType } from '#shared/problem/problem.ts'
import type { Failure, Order } from './order.ts'

const types: Record<string, ProblemType> = {
  payment_declined: { code: 'payment-declined', status: 402, title: 'The payment was declined' },
  out_of_stock: { code: 'out-of-stock', status: 409, title: 'Not enough in stock' },
  total_changed: { code: 'total-changed', status: 409, title: 'The total has changed' },
  unknown_items: { code: 'unknown-items', status: 422, title: 'Not for sale' },
}
const cancelled: ProblemType = { code: 'order-cancelled', status: 409, title: 'The order was cancelled' }

/** What an order that came to nothing means to the one who placed it. */
export function toProblem(order: Order, { code, detail, extensions }: Failure, replayed: string | null): Problem {
  return new Problem(types[code] ?? cancelled, detail, {
    extensions: { ...extensions, code, orderId: order.id },
    headers: { location: `/v1/orders/${order.id}`, ...(replayed === null ? {} : { 'idempotent-replayed': replayed }) },
  })
}
