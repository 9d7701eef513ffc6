import type { OpenAPIHono } from '@hono/zod-openapi'
import type Stripe from 'stripe'
import type { AppEnv } from '#shared/http/app-env.ts'
import type { Gateway } from './exchange.ts'

/** Adds the route of the balance: what was received less what was given back, without fees. */
export function addBalance(app: OpenAPIHono<AppEnv>, { store }: Gateway): void {
  app.get('/v1/balance', async (c) => {
    const sums = await store.sumUp()
    const funds = sums.map(({ currency, received, refunded }) => {
      const amount = received - refunded
      return { amount, currency, source_types: { card: amount } }
    })
    // Stripe names the account's own currency although there is nothing yet.
    const available = funds.length > 0 ? funds : [{ amount: 0, currency: 'eur', source_types: { card: 0 } }]
    const pending = available.map(({ currency }) => ({ amount: 0, currency, source_types: { card: 0 } }))
    const view: Stripe.Balance = { object: 'balance', available, livemode: false, pending }
    return c.json(view)
  })
}
