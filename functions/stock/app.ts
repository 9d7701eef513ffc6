import { cachedJson } from '#shared/http/cached-json.ts'
import { createApp } from '#shared/http/create-app.ts'
import type { Log } from '#shared/log/log.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import { getStock, type StockLevel } from './routes.ts'
import type { StockStore } from './store.ts'

export type Deps = { readonly store: StockStore; readonly log: Log }

/** What shoppers see of the stock. */
export function stockApp({ store, log }: Deps) {
  const app = createApp({ name: 'stock', log })

  app.openapi(getStock, async (c) => {
    const body = await store.level(c.req.valid('param').sku)
    if (body === undefined) throw new Problem(problems.notFound, 'There is no such SKU')
    // Stock changes with every order: a cache has to ask each time, and gets a 304 when nothing did.
    return cachedJson<StockLevel>(c, body, 'no-cache')
  })

  return app
}
