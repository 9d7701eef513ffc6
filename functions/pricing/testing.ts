import { onTestFinished } from 'vitest'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { serve } from '#shared/testing/serve.ts'
import { pricingApp } from './app.ts'
import { pricingStore } from './store.ts'

/** Pricing on a real socket with an empty database of its own. */
export async function startPricing() {
  const { url, sql } = await freshDatabase('inventory')
  const pg = openPg(url, { name: 'pricing' })
  onTestFinished(() => pg.close())
  const base = await serve(pricingApp({ store: pricingStore(pg), log: createLog('pricing', 'silent') }), pg.ready)
  const request = (path: string, init?: RequestInit) => fetch(base + path, init)
  const quote = (body: unknown) =>
    request('/v1/quotes', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { sql, request, quote }
}
