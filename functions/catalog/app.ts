import * as z from 'zod'
import { cachedJson } from '#shared/http/cached-json.ts'
import { createApp } from '#shared/http/create-app.ts'
import { decodeCursor } from '#shared/http/page.ts'
import type { Log } from '#shared/log/log.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import { type CategoryList, getProduct, listCategories, listProducts, type Product, type ProductPage } from './routes.ts'
import type { CatalogStore } from './store.ts'

export type Deps = { readonly store: CatalogStore; readonly log: Log }

/** Products change seldom, their prices and availability more often: an order checks both again. */
const PRODUCT_CACHE = 'public, max-age=10'
const CATEGORY_CACHE = 'public, max-age=60'

/** The public catalogue: products as shoppers see them. */
export function catalogApp({ store, log }: Deps) {
  const app = createApp({ name: 'catalog', log })

  app.openapi(listProducts, async (c) => {
    const { cursor, ...query } = c.req.valid('query')
    const after = cursor === undefined ? undefined : decodeCursor(z.uuid(), cursor)
    return cachedJson<ProductPage>(c, await store.list({ ...query, after }), PRODUCT_CACHE)
  })

  app.openapi(getProduct, async (c) => {
    const body = await store.find(c.req.valid('param').id, c.req.valid('query').currency)
    if (body === undefined) throw new Problem(problems.notFound, 'There is no such product')
    return cachedJson<Product>(c, body, PRODUCT_CACHE)
  })

  app.openapi(listCategories, async (c) => cachedJson<CategoryList>(c, await store.categories(), CATEGORY_CACHE))

  return app
}
