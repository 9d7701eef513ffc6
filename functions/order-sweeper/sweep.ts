import type { HttpAnswer } from '#shared/http/http-client.ts'
import type { Log } from '#shared/log/log.ts'
import { counter } from '#shared/telemetry/metrics.ts'

type Outcome = 'settled' | 'open' | 'failed'
/** Asks for one order to be settled; any status is an answer. */
type Settle = (id: string) => Promise<HttpAnswer>
export type Sweep = Record<Outcome | 'due', number>

const AT_ONCE = 4
const OPEN = new Set(['pending', 'requires_action'])

const swept = counter('shop.sweeps', {
  description: 'Due orders that a sweep had settled, found still open, or failed on',
  zero: [{ outcome: 'settled' }, { outcome: 'open' }, { outcome: 'failed' }],
})

/**
 * Has each order settled, a few at once, and counts what became of them. One that fails does not stop the others; once
 * `enough` is aborted no further one is begun.
 */
export async function sweep(ids: readonly string[], settle: Settle, { log, enough }: { log: Log; enough: AbortSignal }) {
  const result: Sweep = { due: ids.length, settled: 0, open: 0, failed: 0 }
  const waiting = ids.values()
  const work = async () => {
    for (const id of waiting) {
      if (enough.aborted) return
      const outcome = await settleOne(id, settle, log, enough)
      result[outcome] += 1
      swept.add(1, { outcome })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return result
}

async function settleOne(id: string, settle: Settle, log: Log, enough: AbortSignal): Promise<Outcome> {
  try {
    const { status, body } = await settle(id)
    if (status === 200) return OPEN.has((body as { status: string }).status) ? 'open' : 'settled'
    // Somebody took the order's lease since it was selected, and settles it.
    if (status === 409) return 'open'
    log.error({ orderId: id, status }, 'orders refused to settle a due order')
  } catch (err) {
    // This function is stopping and cut the call; `orders` goes on with it all the same.
    if (err === enough.reason) return 'open'
    log.error({ orderId: id, err }, 'a due order could not be settled')
  }
  return 'failed'
}
