import { randomUUID } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { hashPassword, verifyPassword } from '#shared/password/password.ts'
import { pathOf } from '#shared/rpc/adapter.ts'
import type { FunctionName } from '../scripts/topology.ts'
import { type Send, sendGrpc, sendHttp } from './send.ts'
import type { World } from './world.ts'

/** One real request to a function: its database is read or written, its token checked, its input validated. */
export type Sample = {
  readonly what: string
  /** Makes what is sent, before the clock runs. */
  readonly prepare: (world: World) => Promise<Send>
  /** Milliseconds of the answer that are the work itself and no start; measured apart and taken off. */
  readonly measureWork?: (world: World) => Promise<number>
}

const json = { 'content-type': 'application/json' }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** What is asked of a function first; whether it is ready, as long as nothing real is named for it below. */
export const sampleOf = (name: FunctionName): Sample =>
  samples[name] ?? { what: 'whether it is ready', prepare: async () => sendHttp({ path: '/readyz' }) }

const samples: Readonly<Partial<Record<FunctionName, Sample>>> = {
  accounts: {
    what: 'a login',
    prepare: async ({ customer: { email, password } }) =>
      sendHttp({ method: 'POST', path: '/v1/auth/login', headers: json, body: JSON.stringify({ email, password }) }),
    measureWork: measureArgon2,
  },
  profiles: {
    what: 'my profile',
    prepare: async ({ customer }) => sendHttp({ path: '/v1/me', headers: bearer(await customer.token()) }),
  },
  catalog: { what: 'the list of products', prepare: async () => sendHttp({ path: '/v1/products' }) },
  pricing: {
    what: 'a quote',
    prepare: async ({ sku }) => {
      const body = JSON.stringify({ items: [{ sku, quantity: 2 }], country: 'DE' })
      return sendHttp({ method: 'POST', path: '/v1/quotes', headers: json, body })
    },
  },
  stock: { what: 'the stock of a SKU', prepare: async ({ sku }) => sendHttp({ path: `/v1/stock/${sku}` }) },
  reservations: { what: 'a Reserve by gRPC', prepare: reserve },
  orders: {
    what: 'a paid order read for settling',
    prepare: async ({ order, serviceToken }) =>
      sendHttp({
        method: 'POST',
        path: `/internal/orders/${order.id}/settle`,
        headers: bearer(await serviceToken('order-sweeper', 'orders')),
      }),
  },
  'order-history': {
    what: 'the list of my orders',
    prepare: async ({ customer }) => sendHttp({ path: '/v1/orders', headers: bearer(await customer.token()) }),
  },
  'order-sweeper': { what: 'a sweep that finds nothing due', prepare: async () => sendHttp({ method: 'POST', path: '/sweep' }) },
  'payment-gateway': {
    what: 'a payment intent read',
    prepare: async ({ order, gatewayKey }) =>
      sendHttp({ path: `/v1/payment_intents/${order.paymentIntentId}`, headers: bearer(gatewayKey) }),
  },
  edge: { what: 'a product of a warm catalog', prepare: async ({ product }) => sendHttp({ path: `/v1/products/${product}` }) },
}

async function reserve({ sku, serviceToken }: World): Promise<Send> {
  const { reserve: method } = ReservationService.method
  // Soon over, so that many of them do not use up the stock.
  const basket = { orderId: randomUUID(), items: [{ sku, quantity: 1 }], country: 'DE', currency: 'EUR', ttlSeconds: 1 }
  const message = toBinary(method.input, create(method.input, basket))
  return sendGrpc({ path: pathOf(ReservationService, method), token: await serviceToken('orders', 'reservations'), message })
}

let hashed: { password: string; phc: string } | undefined

async function measureArgon2({ customer: { password } }: World): Promise<number> {
  if (hashed?.password !== password) hashed = { password, phc: await hashPassword(password) }
  const startedAt = performance.now()
  await verifyPassword(hashed.phc, password)
  return performance.now() - startedAt
}
