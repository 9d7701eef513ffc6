import { sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'

const p = sql.placeholder
const money = ['refunds', 'charges', 'payment_intents', 'payment_methods', 'customers']
const tables = ['deliveries', 'events', 'webhook_endpoints', ...money, 'idempotency_keys', 'faults', 'controls']

/** Removes objects. */
export function removingStore(pg: Pg) {
  const endpoint = pg.statement('delete_endpoint', sql`delete from webhook_endpoints where id = ${p('id')}`)
  const customer = pg.statement(
    'delete_customer',
    sql`with detached as (update payment_methods set customer = null, version = version + 1 where customer = ${p('id')})
      update customers set deleted = true, version = version + 1 where id = ${p('id')}`,
  )
  // References are checked when the whole statement is done, so no order has to be kept.
  const parts = tables.map((table) => sql`${sql.identifier(`no_${table}`)} as (delete from ${sql.identifier(table)})`)
  const everything = pg.statement('reset', sql`with ${sql.join(parts, sql`, `)} select`)

  return {
    /** Removes a webhook endpoint and what is on its way to it. */
    async deleteEndpoint(id: string): Promise<void> {
      await endpoint({ id })
    },
    /** Marks a customer as deleted, whose cards become nobody's. */
    async deleteCustomer(id: string): Promise<void> {
      await customer({ id })
    },
    /** Forgets everything: payments, cards, customers, endpoints, events, keys, and what tests ordered. */
    async reset(): Promise<void> {
      await everything()
    },
  }
}
