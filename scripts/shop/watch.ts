import { readdirSync, statSync, watch } from 'node:fs'
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
      await renew(shop, migrationsToo, say).catch((error: unknown) => say(messageOf(error)))
    }
    working = false
  }
  watchFolders(
    ['functions', 'shared', 'db'].map((folder) => join(root, folder)),
    signal,
    (path) => {
      changed = true
      migrations ||= path.includes('migrations')
      void catchUp()
    },
  )
}

/**
 * Calls back with each path that changes below the folders, also in folders made later. (`recursive` of Node watches files and
 * not folders on Linux, and loses a file that an editor replaces.)
 */
function watchFolders(folders: readonly string[], signal: AbortSignal, onChange: (path: string) => void) {
  const watched = new Set<string>()
  const add = (folder: string) => {
    if (watched.has(folder)) return
    watched.add(folder)
    const watcher = watch(folder, { signal }, (_, name) => {
      const path = join(folder, name ?? '')
      if (name && isFolder(path)) add(path)
      onChange(path)
    })
    // The folder was removed: that is a change of the one above it.
    watcher.on('error', () => watched.delete(folder))
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) add(join(folder, entry.name))
  }
  folders.forEach(add)
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

async function renew(shop: Shop, migrations: boolean, say: (line: string) => void) {
  if (migrations) await shop.migrate()
  const names = new Set(await bundle(shop.names))
  const changed = shop.names.filter((name) => names.has(name))
  const results = await Promise.allSettled(changed.map((name) => shop.restart(name)))
  results.forEach((result, index) => say(result.status === 'fulfilled' ? `restarted ${changed[index]}` : messageOf(result.reason)))
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
