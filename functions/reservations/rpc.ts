import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import * as z from 'zod'
import { HoldSchema, HoldStatus, ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { invalidArgument } from '#shared/rpc/errors.ts'
import { type RpcService, rpcService } from '#shared/rpc/server.ts'
import { counter } from '#shared/telemetry/metrics.ts'
import type { Hold, ReservationsStore } from './store.ts'

const operations = ['reserve', 'commit', 'release'] as const
const outcomes = ['held', 'committed', 'released', 'shortage', 'unknown', 'refused'] as const
const reservations = counter('shop.reservations', {
  description: 'Calls on holds of stock by what came of them',
  unit: '{call}',
  zero: operations.flatMap((operation) => outcomes.map((outcome) => ({ operation, outcome }))),
})

const reserveRequest = z.object({
  orderId: z.uuid(),
  items: z
    .array(z.object({ sku: z.string().min(1).max(64), quantity: z.int().min(1).max(999) }))
    .min(1)
    .max(100),
  country: z.string().regex(/^[A-Z]{2}$/),
  currency: z.string().regex(/^[A-Z]{3}$/),
  ttlSeconds: z
    .int()
    .min(1)
    .max(24 * 60 * 60),
})
const orderRequest = z.object({ orderId: z.uuid() })

/** Answers the calls on holds; every request is checked before anything is read or written. */
export const reservationsRpc = (store: ReservationsStore): RpcService =>
  rpcService(ReservationService, {
    reserve: async (request) => {
      const { orderId, ...basket } = parse(reserveRequest, request)
      const reserved = await store.reserve(orderId, basket)
      if (reserved.result !== 'hold') {
        count('reserve', reserved.result)
        return reserved.result === 'shortage' ? shortage(reserved.skus) : unknownItems(reserved.skus)
      }
      if (reserved.hold.lines.length === 0) return refuse('reserve', 'the order was given up')
      count('reserve', 'held')
      return hold(reserved.hold)
    },
    commit: async (request) => {
      const committed = await store.commit(parse(orderRequest, request).orderId)
      if (committed.result === 'refused') return refuse('commit', committed.reason)
      count('commit', committed.result)
      return committed.result === 'shortage' ? shortage(committed.skus) : hold(committed.hold)
    },
    release: async (request) => {
      await store.release(parse(orderRequest, request).orderId)
      count('release', 'released')
      return {}
    },
  })

const count = (operation: (typeof operations)[number], outcome: (typeof outcomes)[number]) => reservations.add(1, { operation, outcome })

const shortage = (skus: readonly string[]) => ({ result: { case: 'shortage' as const, value: { skus: [...skus] } } })
const unknownItems = (skus: readonly string[]) => ({ result: { case: 'unknownItems' as const, value: { skus: [...skus] } } })
const hold = (value: Hold) => ({ result: { case: 'hold' as const, value: toMessage(value) } })

function refuse(operation: 'reserve' | 'commit', reason: string) {
  count(operation, 'refused')
  return { result: { case: 'refused' as const, value: { reason } } }
}

function parse<T extends z.ZodType>(schema: T, request: unknown): z.infer<T> {
  const parsed = schema.safeParse(request)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalidArgument(`${issue?.path.join('.')}: ${issue?.message}`)
}

const statuses = {
  held: HoldStatus.HELD,
  expired: HoldStatus.EXPIRED,
  committed: HoldStatus.COMMITTED,
  released: HoldStatus.RELEASED,
} as const satisfies Record<Hold['status'], HoldStatus>

const toMessage = (hold: Hold) =>
  create(HoldSchema, {
    orderId: hold.orderId,
    status: statuses[hold.status],
    currency: hold.currency,
    lines: hold.lines.map(({ sku, title, quantity, unitPrice, subtotal, tax, taxRate, total }) => ({
      sku,
      title,
      quantity,
      taxRate,
      unitPrice: BigInt(unitPrice),
      subtotal: BigInt(subtotal),
      tax: BigInt(tax),
      total: BigInt(total),
    })),
    subtotal: BigInt(hold.subtotal),
    tax: BigInt(hold.tax),
    total: BigInt(hold.total),
    expiresAt: timestampFromDate(new Date(hold.expiresAt)),
  })
