import type { PricedLine } from '#db/inventory/schema.ts'
import type { Money } from '#shared/money/money.ts'

export type QuoteRequest = {
  readonly items: readonly { readonly sku: string; readonly quantity: number }[]
  readonly country: string
  readonly currency: string
}

type QuoteLine = {
  readonly sku: string
  readonly title: string
  readonly quantity: number
  readonly unitPrice: Money
  readonly subtotal: Money
  readonly taxRate: number
  readonly tax: Money
  readonly total: Money
}

export type Quote = {
  readonly country: string
  readonly currency: string
  readonly lines: QuoteLine[]
  readonly subtotal: Money
  readonly tax: Money
  readonly total: Money
}

/** The positions in the request whose SKU has no price: it does not exist or is not for sale in that currency. */
export const unpricedItems = ({ items }: QuoteRequest, priced: readonly PricedLine[]): number[] =>
  items.flatMap(({ sku }, index) => (priced.some((line) => line.sku === sku) ? [] : [index]))

/** Adds up priced lines, in the order in which the request first names each SKU. */
export function quoteOf({ items, country, currency }: QuoteRequest, priced: readonly PricedLine[]): Quote {
  const money = (amount: number): Money => ({ amount, currency })
  const position = (line: PricedLine) => items.findIndex(({ sku }) => sku === line.sku)
  const lines = priced.toSorted((a, b) => position(a) - position(b))
  const sum = (amountOf: (line: PricedLine) => number) => money(lines.reduce((total, line) => total + amountOf(line), 0))
  return {
    country,
    currency,
    lines: lines.map(({ sku, title, quantity, unitPrice, subtotal, taxRate, tax, total }) => ({
      sku,
      title,
      quantity,
      unitPrice: money(unitPrice),
      subtotal: money(subtotal),
      taxRate,
      tax: money(tax),
      total: money(total),
    })),
    subtotal: sum((line) => line.subtotal),
    tax: sum((line) => line.tax),
    total: sum((line) => line.total),
  }
}
