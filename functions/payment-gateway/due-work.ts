import { paymentHappenings } from './event.ts'
import { clockOf, commit, type Gateway, readControl } from './exchange.ts'
import { AUTHORISED_FOR, expire } from './payment-intent-changes.ts'
import { type Refunded, refundHappenings, settleRefund } from './refund.ts'
import { paymentBy } from './source.ts'
import type { Entry, Found } from './store-save.ts'
import { StripeError } from './stripe-error.ts'

/** What time has done: refunds that their bank carried out or refused, authorisations that ran out. */
export type DueWork = { readonly refunds: number; readonly expired: number }

/** Does what nobody asks for and time brings, by the gateway's clock, and forgets old idempotency keys. */
export async function doDueWork(gateway: Gateway): Promise<DueWork> {
  const { store } = gateway
  const date = clockOf(gateway, await readControl(gateway))
  const seconds = Math.floor(date.getTime() / 1000)
  const refunds = await store.findSettlingRefunds(seconds)
  for (const id of refunds) await once(settle(gateway, id, date))
  const expiring = await store.findExpiring(seconds - AUTHORISED_FOR)
  for (const id of expiring) await once(expireIntent(gateway, id, date))
  await store.pruneKeys()
  return { refunds: refunds.length, expired: expiring.length }
}

const settle = (gateway: Gateway, id: string, date: Date) =>
  commit(gateway, entryOf('settle', id), paymentBy(gateway.store, { refund: id, param: 'id' }), date, (read, surroundings) => {
    if (!hasRefund(read)) return null
    const settled = settleRefund(read, surroundings)
    if (!settled) return null
    const happenings = [...paymentHappenings(read, settled), ...refundHappenings(read.refund, settled.refund)]
    return { payment: settled, refund: settled.refund, happenings, answer: done, outcome: null }
  })

const expireIntent = (gateway: Gateway, id: string, date: Date) =>
  commit(gateway, entryOf('expire', id), paymentBy(gateway.store, { intent: id, param: 'intent' }), date, (read, surroundings) => {
    const expired = expire(read, surroundings)
    return expired && { payment: expired, happenings: paymentHappenings(read, expired), answer: done, outcome: 'canceled' }
  })

const hasRefund = (read: Found): read is Found & Refunded => read.refund !== null
const done = { status: 200, body: '' }

/** What another process is doing at the moment, or has been faster with, is done. */
async function once(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof StripeError)) throw error
  })
}

/** Time asks once for each thing it does, as a caller with a key would; no header can begin with a space. */
const entryOf = (what: string, id: string): Entry => ({
  key: ` ${what} ${id}`,
  givenKey: null,
  fingerprint: what,
  requestId: null,
  operation: what,
  ifFailed: '',
})
