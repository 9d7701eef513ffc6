import type { Address, Failure, Item, Line } from '#db/orders/schema.ts'

export type { Address, Failure, Item, Line }
export type OrderStatus = 'pending' | 'requires_action' | 'paid' | 'rejected' | 'cancelled'
export type Goal = 'paid' | 'rejected' | 'cancelled'

/** An order as it is stored, with its age by the database's clock. Amounts are in minor units. */
export type Order = {
  readonly id: string
  readonly accountId: string
  readonly status: OrderStatus
  readonly goal: Goal
  readonly version: number
  readonly fingerprint: string
  readonly items: Item[]
  readonly shippingAddress: Address
  readonly paymentMethod: string
  readonly currency: string
  readonly expectedTotal: number | null
  readonly attempt: number
  readonly paymentIntentId: string | null
  readonly failure: Failure | null
  readonly lines: Line[]
  readonly subtotal: number
  readonly tax: number
  readonly total: number
  readonly captured: number
  readonly refunded: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly ageSeconds: number
}

/** What a basket costs, as the hold on its stock has frozen it. */
export type Priced = Pick<Order, 'lines' | 'subtotal' | 'tax' | 'total'>

/** True while something is still to be done for the order. */
export const isOpen = ({ status }: Pick<Order, 'status'>): boolean => status === 'pending' || status === 'requires_action'

/** Seconds a customer has to authenticate a payment; the hold on the stock outlives it, so that it decides nothing. */
export const ACTION_WINDOW_SECONDS = 30 * 60
export const HOLD_SECONDS = ACTION_WINDOW_SECONDS + 10 * 60
/** The gateway forgets idempotency keys after 24 hours: an older order must not authorise again. */
const AUTHORISE_WITHIN_SECONDS = 23 * 60 * 60

/** Why an order may no longer be paid because of its age, if so. */
export function overdue({ status, ageSeconds }: Pick<Order, 'status' | 'ageSeconds'>): Failure | undefined {
  if (status === 'requires_action' && ageSeconds >= ACTION_WINDOW_SECONDS) {
    return { code: 'authentication_timeout', detail: 'The payment was not authenticated in time' }
  }
  if (ageSeconds >= AUTHORISE_WITHIN_SECONDS) return { code: 'payment_timeout', detail: 'The payment could not be made in time' }
  return undefined
}

/** Why an order is not paid at the price that was frozen, if the customer expected another. */
export function priceMismatch(
  { expectedTotal, currency }: Pick<Order, 'expectedTotal' | 'currency'>,
  { total }: Priced,
): Failure | undefined {
  if (expectedTotal === null || expectedTotal === total) return undefined
  return { code: 'total_changed', detail: 'The total is not the one expected', extensions: { total: { amount: total, currency } } }
}

export const outOfStock = (skus: readonly string[]): Failure => ({
  code: 'out_of_stock',
  detail: `Not enough in stock: ${skus.join(', ')}`,
  extensions: { skus },
})

export const unknownItems = (skus: readonly string[]): Failure => ({
  code: 'unknown_items',
  detail: `Not for sale: ${skus.join(', ')}`,
  extensions: { skus },
})

export const declined = (declineCode: string, detail: string): Failure => ({
  code: 'payment_declined',
  detail,
  extensions: { declineCode },
})
