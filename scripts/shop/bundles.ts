import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../build/bundle.ts'
import type { FunctionName } from '../topology.ts'

const root = join(import.meta.dirname, '..', '..')
const dist = join(root, 'dist')
/** Names what was built last; its time is from before that, so what is saved meanwhile counts as newer. */
const stamp = join(dist, '.built')
const sources = ['functions', 'shared', 'db', 'scripts/build', 'package-lock.json']

/** Bundles the functions unless nothing was saved since they last were. */
export async function bundleChanged(names: readonly FunctionName[]) {
  if (isCurrent(names)) return
  const startedAt = new Date()
  await bundle(names)
  mkdirSync(dist, { recursive: true })
  writeFileSync(stamp, names.join('\n'))
  utimesSync(stamp, startedAt, startedAt)
}

function isCurrent(names: readonly FunctionName[]): boolean {
  if (!existsSync(stamp)) return false
  const built = readFileSync(stamp, 'utf8').split('\n')
  const builtAtMs = statSync(stamp).mtimeMs
  return (
    names.every((name) => built.includes(name) && existsSync(join(dist, name, 'main.cjs'))) &&
    sources.every((path) => newestIn(join(root, path)) < builtAtMs)
  )
}

/** Folders count too: their time changes when a file in them goes. */
function newestIn(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 0
  const inside = found.isDirectory() ? readdirSync(path).map((name) => newestIn(join(path, name))) : []
  return Math.max(found.mtimeMs, found.ctimeMs, ...inside)
}
