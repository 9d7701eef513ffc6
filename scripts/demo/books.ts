import type { Sql } from 'postgres'
import { stockDrift } from '../../db/inventory/testing.ts'

export type Databases = { readonly inventory: Sql; readonly orders: Sql; readonly payments: Sql }

/** The charges that succeeded for one order, and what was captured by them, in minor units. */
export async function chargesOf({ payments }: Databases, orderId: string): Promise<{ charges: number; captured: number }> {
  const [row] = await payments<{ charges: number; captured: number }[]>`
    select count(*)::int as charges, coalesce(sum(amount_captured), 0)::int as captured
    from charges where status = 'succeeded' and not released
      and payment_intent in (select id from payment_intents where metadata ->> 'order_id' = ${orderId})`
  return row ?? { charges: 0, captured: 0 }
}

/** The books of stock, orders and money against each other; what does not agree is listed. */
export async function audit({ inventory, orders, payments }: Databases) {
  const [sold] = await orders<{ paid: number; kept: number; open: number }[]>`
    select count(*) filter (where status = 'paid')::int as paid, coalesce(sum(captured - refunded), 0)::int as kept,
      count(*) filter (where status in ('pending', 'requires_action'))::int as open
    from orders`
  const [taken] = await payments<{ kept: number; held: number }[]>`
    select coalesce(sum(amount_captured - amount_refunded), 0)::int as kept,
      (select count(*)::int from payment_intents where status not in ('succeeded', 'canceled', 'requires_payment_method')) as held
    from charges`
  const [held] = await inventory<{ reserved: number }[]>`select sum(reserved)::int as reserved from stock`
  return {
    paidOrders: sold?.paid,
    openOrders: sold?.open,
    moneyByOrders: sold?.kept,
    moneyByGateway: taken?.kept,
    openPayments: taken?.held,
    reserved: held?.reserved,
    stockDrift: await stockDrift(inventory),
  }
}
