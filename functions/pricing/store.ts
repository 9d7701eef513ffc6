import { sql } from 'drizzle-orm'
import { pricedBasket, pricedLinesJson } from '#db/inventory/quote.ts'
import type { PricedLine } from '#db/inventory/schema.ts'
import type { Pg } from '#shared/pg/pg.ts'
import type { QuoteRequest } from './quote.ts'

/** The statements of this function. */
export const statements = {
  price: sql`
    select row_to_json(answer)::text as body from (
      select
        v.sku,
        json_build_object('amount', pr.amount, 'currency', pr.currency) as price,
        to_char(pr.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "updatedAt"
      from variants v
      join products p on p.id = v.product_id and p.status = 'published'
      join prices pr on pr.sku = v.sku and pr.currency = ${sql.placeholder('currency')}
      where v.sku = ${sql.placeholder('sku')}
    ) answer`,
  basket: sql`with ${pricedBasket} select ${pricedLinesJson} as lines from priced`,
}

export type PricingStore = ReturnType<typeof pricingStore>

export function pricingStore(pg: Pg) {
  const price = pg.statement<{ body: string }>('pricing.price', statements.price)
  const basket = pg.statement<{ lines: PricedLine[] }>('pricing.basket', statements.basket)
  return {
    /** The price of a SKU that is for sale as JSON, if it has one in this currency. */
    price: async (sku: string, currency: string): Promise<string | undefined> => (await price({ sku, currency }))[0]?.body,
    /** One priced line per SKU of the request; those that are not for sale in its currency are missing. */
    basket: async ({ items, country, currency }: QuoteRequest): Promise<PricedLine[]> => {
      const [row] = await basket({ items: JSON.stringify(items), country, currency })
      return row?.lines ?? []
    },
  }
}
