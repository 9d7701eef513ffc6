import type { Pg } from '#shared/pg/pg.ts'
import { commitStatement, findStatement, releaseStatement, reserveStatement, takeBackStatement } from './statements.ts'

/** A line as it was priced; amounts in minor units, `taxRate` in hundredths of a percent. */
export type Line = {
  readonly sku: string
  readonly title: string
  readonly quantity: number
  readonly unitPrice: number
  readonly subtotal: number
  readonly taxRate: number
  readonly tax: number
  readonly total: number
}

/** A hold as it is stored; one without lines is the tombstone of an order that was given up before it held anything. */
export type Hold = {
  readonly orderId: string
  readonly status: 'held' | 'expired' | 'committed' | 'released'
  readonly currency: string
  readonly lines: readonly Line[]
  readonly subtotal: number
  readonly tax: number
  readonly total: number
  readonly expiresAt: string
}

export type Basket = {
  readonly items: readonly { readonly sku: string; readonly quantity: number }[]
  readonly country: string
  readonly currency: string
  readonly ttlSeconds: number
}

export type Reserved =
  | { readonly result: 'hold'; readonly hold: Hold }
  | { readonly result: 'shortage' | 'unknown'; readonly skus: readonly string[] }

export type Committed =
  | { readonly result: 'committed'; readonly hold: Hold }
  | { readonly result: 'shortage'; readonly skus: readonly string[] }
  | { readonly result: 'refused'; readonly reason: string }

export type ReservationsStore = ReturnType<typeof reservationsStore>

/** Holds on stock. Each call is one statement, which locks stock rows first, ordered by SKU, and then the hold. */
export function reservationsStore(pg: Pg) {
  const reserveOnce = pg.statement<{ hold: Hold | null; short: string[]; unknown: string[] }>('reservations.reserve', reserveStatement)
  const find = pg.statement<{ hold: Hold }>('reservations.find', findStatement)
  const takeBack = pg.statement<{ taken: number }>('reservations.take_back', takeBackStatement)
  const commit = pg.statement<{ before: Hold['status']; hold: Hold | null; short: string[] }>('reservations.commit', commitStatement)
  const release = pg.statement<{ done: boolean }>('reservations.release', releaseStatement)

  return {
    /** Holds the basket, or answers from the hold the order has already. What is over and stands in the way is taken back. */
    async reserve(orderId: string, { items, country, currency, ttlSeconds }: Basket): Promise<Reserved> {
      const values = { orderId, items: JSON.stringify(items), country, currency, ttl: `${ttlSeconds} seconds` }
      let [row] = await reserveOnce(values)
      if (row?.hold) return { result: 'hold', hold: row.hold }
      // The row of a concurrent twin is not in the snapshot of the statement that gave way to it.
      const [known] = await find({ orderId })
      if (known) return { result: 'hold', hold: known.hold }
      if (row && row.unknown.length === 0 && (await takeBackOver(row.short)) > 0) {
        ;[row] = await reserveOnce(values)
        if (row?.hold) return { result: 'hold', hold: row.hold }
      }
      if (row && row.unknown.length > 0) return { result: 'unknown', skus: row.unknown }
      if (row && row.short.length > 0) return { result: 'shortage', skus: row.short }
      const [late] = await find({ orderId })
      if (!late) throw new Error(`order ${orderId}: neither held, short nor unknown`)
      return { result: 'hold', hold: late.hold }
    },

    /** Turns the hold into a sale, once; a hold whose stock was taken back takes it again if it can. */
    async commit(orderId: string): Promise<Committed> {
      const [row] = await commit({ orderId })
      if (!row) return { result: 'refused', reason: 'the order holds nothing' }
      if (row.hold) return { result: 'committed', hold: row.hold }
      if (row.before === 'released') return { result: 'refused', reason: 'the hold was released' }
      return { result: 'shortage', skus: row.short }
    },

    /** Gives the stock back. An order that holds nothing leaves a tombstone, so that a late reserve finds it. */
    async release(orderId: string): Promise<void> {
      // A reserve under way made the tombstone give way; its row is visible to the next statement.
      for (let tries = 0; tries < 3; tries++) {
        const [row] = await release({ orderId })
        if (row?.done) return
      }
      throw new Error(`order ${orderId}: the hold could not be released`)
    },

    takeBackOver,
  }

  /** Takes the stock of holds that are over back, of those that hold one of `skus`; how many holds that ended. */
  async function takeBackOver(skus: readonly string[]): Promise<number> {
    const [row] = await takeBack({ skus: JSON.stringify(skus) })
    return row?.taken ?? 0
  }
}
