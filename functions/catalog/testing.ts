import type postgres from 'postgres'
import { onTestFinished } from 'vitest'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { serve } from '#shared/testing/serve.ts'
import { catalogApp } from './app.ts'
import type { ProductPage } from './routes.ts'
import { catalogStore } from './store.ts'

/** A catalogue on a real socket with an empty database of its own. */
export async function startCatalog() {
  const { url, sql } = await freshDatabase('inventory')
  const pg = openPg(url, { name: 'catalog' })
  onTestFinished(() => pg.close())
  const base = await serve(catalogApp({ store: catalogStore(pg), log: createLog('catalog', 'silent') }), pg.ready)
  const request = (path: string, init?: RequestInit) => fetch(base + path, init)
  const page = async (query = '') => (await (await request(`/v1/products${query}`)).json()) as ProductPage
  return { sql, request, page }
}

/**
 * Adds `count` products whose slugs are `<prefix>-1` and so on, all made at the same moment, each with one variant that has a
 * price in EUR and `on_hand` units; in `category` when its slug is given.
 */
export async function addProducts(
  sql: postgres.Sql,
  { prefix = 'thing', count = 1, status = 'published', category = null, onHand = 5 }: AddOptions = {},
): Promise<void> {
  await sql`
    with added as (
      insert into products (slug, title, status, category_id, created_at)
      select ${prefix} || '-' || n, ${prefix} || ' ' || n, ${status}::product_status, (select id from categories where slug = ${category}),
        '2026-01-02T03:04:05Z'
      from generate_series(1, ${count}) n
      returning id, slug
    ), new_variants as (
      insert into variants (sku, product_id, title) select upper(slug), id, '' from added
    ), new_prices as (
      insert into prices (sku, currency, amount) select upper(slug), 'EUR', 1999 from added
    )
    insert into stock (sku, on_hand) select upper(slug), ${onHand}::int from added`
}

type AddOptions = { prefix?: string; count?: number; status?: string; category?: string | null; onHand?: number }
