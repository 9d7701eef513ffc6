import type { Hold, ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { HoldStatus } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import type { RpcClient } from '#shared/rpc/client.ts'
import { type Failure, HOLD_SECONDS, type Order, outOfStock, type Priced, unknownItems } from './order.ts'

/** What orders asks of the function that holds stock. */
export type Reservations = Pick<RpcClient<typeof ReservationService>, 'reserve' | 'commit' | 'release'>

/** Holds the stock and freezes the prices, or says why the order cannot be had. */
export async function reserve(reservations: Reservations, order: Order): Promise<Priced | { failure: Failure }> {
  const { result } = await reservations.reserve({
    orderId: order.id,
    items: order.items,
    country: order.shippingAddress.country,
    currency: order.currency,
    ttlSeconds: HOLD_SECONDS,
  })
  switch (result.case) {
    case 'hold':
      if (result.value.status === HoldStatus.RELEASED) throw new Error(`order ${order.id}: its hold was released`)
      return toPriced(result.value)
    case 'shortage':
      return { failure: outOfStock(result.value.skus) }
    case 'unknownItems':
      return { failure: unknownItems(result.value.skus) }
    default:
      throw new Error(`order ${order.id}: reserve was refused`)
  }
}

const toPriced = ({ lines, subtotal, tax, total }: Hold): Priced => ({
  lines: lines.map(({ sku, title, quantity, taxRate, ...amounts }) => ({
    sku,
    title,
    quantity,
    taxRate,
    unitPrice: Number(amounts.unitPrice),
    subtotal: Number(amounts.subtotal),
    tax: Number(amounts.tax),
    total: Number(amounts.total),
  })),
  subtotal: Number(subtotal),
  tax: Number(tax),
  total: Number(total),
})
