import { watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bundle } from '../build/bundle.ts'
import type { Shop } from './options.ts'

const root = join(import.meta.dirname, '..', '..')

/** Several files are saved together, and one save is several events. */
const settleMs = 100

/** On each save builds again and restarts the functions whose bundle changed, and only those. What fails is said, and the shop goes on. */
export function watchSources(shop: Shop, say: (line: string) => void, signal: AbortSignal) {
  let migrations = false
  let changed = false
  let working = false

  const catchUp = async () => {
    if (working) return
    working = true
    while (changed && !signal.aborted) {
      await delay(settleMs)
      const migrationsToo = migrations
      changed = false
      migrations = false
      await renew(shop, migrationsToo, say).catch((error: unknown) => say(error instanceof Error ? error.message : String(error)))
    }
    working = false
  }
  for (const folder of ['functions', 'shared', 'db']) {
    watch(join(root, folder), { recursive: true, signal }, (_, file) => {
      changed = true
      migrations ||= file?.includes('migrations') ?? false
      void catchUp()
    })
  }
}

async function renew(shop: Shop, migrations: boolean, say: (line: string) => void) {
  if (migrations) await shop.migrate()
  const names = new Set(await bundle(shop.names))
  const changed = shop.names.filter((name) => names.has(name))
  const results = await Promise.allSettled(changed.map((name) => shop.restart(name)))
  results.forEach((result, index) => say(result.status === 'fulfilled' ? `restarted ${changed[index]}` : String(result.reason)))
}
