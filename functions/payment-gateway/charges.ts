import type { OpenAPIHono } from '@hono/zod-openapi'
import * as z from 'zod'
import type { AppEnv } from '#shared/http/app-env.ts'
import { chargeView } from './charge.ts'
import { type Gateway, queryForm } from './exchange.ts'
import { expandable, parseParams } from './params.ts'
import { missingResource, StripeError } from './stripe-error.ts'

const retrieveParams = z.strictObject({ expand: expandable() })

/** Adds the routes of charges: they are made by confirming an intent and only read here. */
export function addCharges(app: OpenAPIHono<AppEnv>, { store }: Gateway): void {
  app.get('/v1/charges/:id', async (c) => {
    parseParams(retrieveParams, queryForm(c))
    const charge = await store.findCharge(c.req.param('id'))
    if (!charge) throw new StripeError(missingResource('charge', c.req.param('id'), 'id'))
    return c.json(chargeView(charge))
  })
}
