import { cachedJson } from '#shared/http/cached-json.ts'
import { createApp } from '#shared/http/create-app.ts'
import type { Log } from '#shared/log/log.ts'
import { Problem, problems, validationProblem } from '#shared/problem/problem.ts'
import { quoteOf, unpricedItems } from './quote.ts'
import { createQuote, getPrice, type Price } from './routes.ts'
import type { PricingStore } from './store.ts'

export type Deps = { readonly store: PricingStore; readonly log: Log }

const PRICE_CACHE = 'public, max-age=10'

/** Prices of single SKUs and of whole baskets. */
export function pricingApp({ store, log }: Deps) {
  const app = createApp({ name: 'pricing', log })

  app.openapi(getPrice, async (c) => {
    const body = await store.price(c.req.valid('param').sku, c.req.valid('query').currency)
    if (body === undefined) throw new Problem(problems.notFound, 'There is no price for this SKU in this currency')
    return cachedJson<Price>(c, body, PRICE_CACHE)
  })

  app.openapi(createQuote, async (c) => {
    const request = c.req.valid('json')
    const priced = await store.basket(request)
    const unpriced = unpricedItems(request, priced)
    if (unpriced.length > 0) {
      const detail = `is not for sale in ${request.currency}`
      throw validationProblem(
        'body',
        unpriced.map((index) => ({ pointer: `/items/${index}/sku`, detail })),
      )
    }
    return c.json(quoteOf(request, priced), 200)
  })

  return app
}
