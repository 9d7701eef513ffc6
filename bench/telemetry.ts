import { Pool, request } from 'undici'
import { functionNames } from '../scripts/topology.ts'
import { entryOf, idleGoals, measureIdle } from './cold.ts'
import { type ColdProcess, startCold } from './cold-process.ts'
import { measureRate } from './rate.ts'
import { spreadOf } from './statistics.ts'
import type { Suite } from './suite.ts'
import { openWorld, type World } from './world.ts'

const LOAD = { atOnce: 10, seconds: 2 }

/** What telemetry costs: product lists per second with it and without it (`OTEL_SDK_DISABLED`), and what idle functions keep in memory. */
export const measureTelemetry: Suite = async ({ pairs, say }) => {
  const world = await openWorld({ say })
  try {
    const [observed, blind] = [await openCatalog(world), await openCatalog(world, { OTEL_SDK_DISABLED: 'true' })]
    const rates: { observed: number; blind: number; ratio: number }[] = []
    // The first pair warms up and is not counted.
    for (let pair = 0; pair <= pairs; pair++) {
      // Whoever comes second may find the machine in another state: they take turns.
      const first = pair % 2 === 0 ? observed : blind
      const second = first === observed ? blind : observed
      const measured = new Map([[first, await measureRate(first.list, LOAD)]])
      measured.set(second, await measureRate(second.list, LOAD))
      const [withIt = 0, without = 0] = [measured.get(observed), measured.get(blind)]
      if (pair > 0) rates.push({ observed: withIt, blind: without, ratio: withIt / without })
    }
    await Promise.all([observed.close(), blind.close()])
    const of = (name: 'observed' | 'blind' | 'ratio') => spreadOf(rates.map((rate) => rate[name]))
    const [withIt, without, ratio] = [of('observed'), of('blind'), of('ratio')]
    say(`${withIt.median.toFixed(0)} product lists/s with telemetry, ${without.median.toFixed(0)}/s without`)
    say(`ratio ${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`)
    const idle = await measureIdle(world, functionNames)
    const goals = [{ id: 'telemetry.products', value: ratio.median, relation: '>=', target: 0.85 } as const, ...idleGoals(idle, say)]
    return { goals, measured: { rates, idle } }
  } finally {
    await world.close()
  }
}

/** One more catalog beside the shop's, with kept connections to it. */
async function openCatalog(world: World, settings: Readonly<Record<string, string>> = {}) {
  const env: Record<string, string> = { ...(await world.environment('catalog')), ...settings }
  let port = 0
  const cold: ColdProcess = await startCold(entryOf('catalog'), env, async (listening) => {
    port = listening
  })
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: LOAD.atOnce })
  // A scrape waits until telemetry is loaded.
  const scrape = await request(`http://127.0.0.1:${env['METRICS_PORT']}/metrics`)
  await scrape.body.dump()
  return {
    list: async () => {
      const { statusCode, body } = await pool.request({ path: '/v1/products', method: 'GET' })
      await body.dump()
      if (statusCode !== 200) throw new Error(`The list was answered with ${statusCode}`)
    },
    close: async () => {
      await pool.close()
      await cold.stop()
    },
  }
}
