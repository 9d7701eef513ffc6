import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openWorld } from '../bench/world.ts'
import { bundle } from './build/bundle.ts'
import { makeCaches } from './build/caches.ts'
import { untilTold } from './shop/lifetime.ts'
import { functionNames } from './topology.ts'

const dist = join(import.meta.dirname, '..', 'dist')
const { values } = parseArgs({ options: { 'no-cache': { type: 'boolean', default: false } } })

// What was started ends with this process.
untilTold().addEventListener('abort', () => process.exit(1))
const started = performance.now()
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
const kilobytes = (bytes: number) => `${Math.round(bytes / 1024)} KB`

const changed = await bundle(functionNames, dist)
console.log(`bundled to dist/ in ${seconds()}, ${changed.length} changed`)
if (!values['no-cache']) await makeAllCaches()

/** Code caches come of running each function for real, in a shop that is there for this alone. */
async function makeAllCaches() {
  const world = await openWorld({ say: console.log, build: false })
  try {
    for (const name of functionNames) {
      const { code, cache } = await makeCaches(world, name, dist)
      console.log(`${name.padEnd(16)} ${kilobytes(code).padStart(8)} of code, ${kilobytes(cache).padStart(8)} of code cache`)
    }
  } finally {
    await world.close()
  }
  console.log(`code caches made after ${seconds()}`)
}
