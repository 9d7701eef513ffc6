import { type SQL, sql } from 'drizzle-orm'
import { isAvailable, overdueHolds } from '#db/inventory/availability.ts'
import { encodeCursor } from '#shared/http/page.ts'
import type { Pg } from '#shared/pg/pg.ts'

/** The members of a product as columns, for the row `p` of `products`; `row_to_json` makes it the JSON that is sent. */
const productColumns: SQL = sql`
  p.id,
  p.slug,
  p.title,
  p.description,
  (select row_to_json(category) from (select c.slug, c.title from categories c where c.id = p.category_id) category) as category,
  to_json(array(
    select variant from (
      select
        v.sku,
        v.title,
        v.attributes,
        (select row_to_json(price) from (
          select amount, currency from prices where prices.sku = v.sku and prices.currency = ${sql.placeholder('currency')}
        ) price) as price,
        ${isAvailable} as available
      from variants v
      left join stock s on s.sku = v.sku
      where v.product_id = p.id
    ) variant order by variant.sku
  )) as variants,
  to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"`

/** `range` chooses products by an index that has them in the order of `order`, so that a page reads as many rows as it shows. */
const pageOf = (range: SQL, order: SQL): SQL => sql`
  with ${overdueHolds}, page as (
    select id, slug, title, description, category_id, created_at from products
    where status = 'published' and ${range}
    order by ${order} limit ${sql.placeholder('limit')}::int + 1
  )
  select
    to_json(array(
      select product from page p cross join lateral (select ${productColumns}) product
      order by p.id desc limit ${sql.placeholder('limit')}::int
    ))::text as items,
    (select id from page order by id desc offset ${sql.placeholder('limit')}::int - 1 limit 1) as last,
    (select count(*) from page) > ${sql.placeholder('limit')}::int as more`

const categoryId: SQL = sql`(select id from categories where slug = ${sql.placeholder('category')})`

const oneWhere = (condition: SQL): SQL => sql`
  with ${overdueHolds}
  select row_to_json(product)::text as body
  from products p cross join lateral (select ${productColumns}) product
  where p.status = 'published' and ${condition}`

/** The statements of this function. Its readers get JSON that PostgreSQL made: it is sent as it is. */
export const statements = {
  page: pageOf(sql`id < ${sql.placeholder('after')}`, sql`id desc`),
  // Written as `category_id = …` it may be read as "walk all products by id and skip other categories".
  pageOfCategory: pageOf(
    sql`category_id >= ${categoryId} and (category_id, id) < (${categoryId}, ${sql.placeholder('after')})`,
    sql`category_id desc, id desc`,
  ),
  byId: oneWhere(sql`p.id = ${sql.placeholder('id')}`),
  bySlug: oneWhere(sql`p.slug = ${sql.placeholder('id')}`),
  categories: sql`
    select to_json(array(
      select category from (select slug, title from categories) category order by category.title, category.slug
    ))::text as items`,
}

type Page = { items: string; last: string | null; more: boolean }
export type PageQuery = { limit: number; after?: string | undefined; category?: string | undefined; currency: string }
export type CatalogStore = ReturnType<typeof catalogStore>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** No product has it and every product's is below it: where the first page begins. */
const BEFORE_FIRST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

export function catalogStore(pg: Pg) {
  const page = pg.statement<Page>('catalog.page', statements.page)
  const pageOfCategory = pg.statement<Page>('catalog.page-of-category', statements.pageOfCategory)
  const byId = pg.statement<{ body: string }>('catalog.by-id', statements.byId)
  const bySlug = pg.statement<{ body: string }>('catalog.by-slug', statements.bySlug)
  const categories = pg.statement<{ items: string }>('catalog.categories', statements.categories)
  const pageJson = (items = '[]', nextCursor: string | null = null) => `{"items":${items},"nextCursor":${JSON.stringify(nextCursor)}}`
  return {
    /** The page of published products after the one whose id is `after`, as JSON. */
    list: async ({ after = BEFORE_FIRST, category, ...query }: PageQuery): Promise<string> => {
      const [row] = category === undefined ? await page({ ...query, after }) : await pageOfCategory({ ...query, after, category })
      return pageJson(row?.items, row?.more ? encodeCursor(row.last) : null)
    },
    /** The published product with this id or slug as JSON, if there is one. */
    find: async (id: string, currency: string): Promise<string | undefined> => {
      const [row] = await (UUID.test(id) ? byId : bySlug)({ id, currency })
      return row?.body
    },
    categories: async (): Promise<string> => pageJson((await categories())[0]?.items),
  }
}
