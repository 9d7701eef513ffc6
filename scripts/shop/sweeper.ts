import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'

/** Calls the sweeper again and again, one call at a time, as the schedule does in a cluster. Stops when the signal is aborted. */
export async function sweepEvery(intervalMs: number, url: string, say: (line: string) => void, signal: AbortSignal) {
  let failing = false
  while (await pause(intervalMs, signal)) {
    const failure = await sweep(url, signal)
    if (signal.aborted) return
    if (failure && !failing) say(`The sweep failed: ${failure}`)
    failing = failure !== undefined
  }
}

async function sweep(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { statusCode, body } = await request(`${url}/sweep`, { method: 'POST', signal, headersTimeout: 60_000 })
    await body.dump()
    return statusCode < 300 ? undefined : `order-sweeper answered ${statusCode}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const pause = (ms: number, signal: AbortSignal) => delay(ms, true, { signal }).catch(() => false)
