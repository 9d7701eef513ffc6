import * as z from 'zod'
import { type Money, money } from '#shared/money/money.ts'
import { type orders, orderStatus } from './schema.ts'

const address = z.object({
  name: z.string(),
  line1: z.string(),
  line2: z.string().optional(),
  city: z.string(),
  postalCode: z.string(),
  country: z.string(),
})

const line = z.object({
  sku: z.string(),
  title: z.string(),
  quantity: z.int(),
  unitPrice: money,
  subtotal: money,
  taxRate: z.int().meta({ description: 'In hundredths of a percent: 1900 is 19 %' }),
  tax: money,
  total: money,
})

/** An order as its customer sees it, the same from every function that answers with one. */
export const orderView = z
  .object({
    id: z.uuid(),
    status: z.enum(orderStatus.enumValues),
    items: z.array(z.object({ sku: z.string(), quantity: z.int() })).meta({ description: 'What was asked for' }),
    lines: z.array(line).meta({ description: 'What is sold, once its prices are frozen' }),
    subtotal: money,
    tax: money,
    total: money,
    shippingAddress: address,
    payment: z.object({
      intentId: z.string().nullable(),
      captured: money,
      refunded: money,
      clientSecret: z.string().optional().meta({ description: 'Only while the customer has to authenticate the payment' }),
    }),
    failure: z.object({ code: z.string(), detail: z.string() }).nullable().meta({ description: 'Why the order was not paid' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Order' })
export type OrderView = z.infer<typeof orderView>

/** The columns that `toOrderView` reads. */
export type OrderRow = Pick<
  typeof orders.$inferSelect,
  | 'id'
  | 'status'
  | 'items'
  | 'lines'
  | 'currency'
  | 'subtotal'
  | 'tax'
  | 'total'
  | 'shippingAddress'
  | 'paymentIntentId'
  | 'captured'
  | 'refunded'
  | 'failure'
  | 'createdAt'
  | 'updatedAt'
>

/** Makes the view of a row; the client secret is not in the row and is shown only to the customer who has to act. */
export function toOrderView(row: OrderRow, clientSecret?: string): OrderView {
  const inCurrency = (amount: number): Money => ({ amount, currency: row.currency })
  const { id, status, items, shippingAddress, failure } = row
  return {
    id,
    status,
    items,
    lines: row.lines.map(({ sku, title, quantity, taxRate, ...amounts }) => ({
      sku,
      title,
      quantity,
      taxRate,
      unitPrice: inCurrency(amounts.unitPrice),
      subtotal: inCurrency(amounts.subtotal),
      tax: inCurrency(amounts.tax),
      total: inCurrency(amounts.total),
    })),
    subtotal: inCurrency(row.subtotal),
    tax: inCurrency(row.tax),
    total: inCurrency(row.total),
    shippingAddress,
    payment: {
      intentId: row.paymentIntentId,
      captured: inCurrency(row.captured),
      refunded: inCurrency(row.refunded),
      ...(status === 'requires_action' && clientSecret !== undefined ? { clientSecret } : {}),
    },
    failure: failure && { code: failure.code, detail: failure.detail },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
