import { glob, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Send } from '../bench/send.ts'
import { bundle } from './build/bundle.ts'
import { makeCaches } from './build/caches.ts'
import { openLoneWorld } from './build/lone-world.ts'
import { bundleMigrate } from './build/migrate.ts'
import { type FunctionName, functionNames } from './topology.ts'

// What the Dockerfile runs: fills <folder>/<name>/ with just what the image of one function, or of `migrate`, is to hold.

const [name = '', dist = ''] = process.argv.slice(2)
if (dist === '') throw new Error('Name the folder to write to')

if (name === 'migrate') await bundleMigrate(dist)
else if (isFunction(name)) await makeFunction(name)
else throw new Error(`No function is called "${name}": --build-arg FUNCTION=<one of ${functionNames.join(', ')}>`)

async function makeFunction(of: FunctionName) {
  await bundle([of], dist)
  // Sources have no business in an image, and the maps hold them all.
  for await (const map of glob(join(dist, of, '*.map'))) await rm(map)
  const world = await openLoneWorld(console.log)
  try {
    const make = () => makeCaches(world, of, dist, withAnyAnswer)
    // A port that was free a moment ago can be lost to somebody else: a build shares them with its machine.
    const { code, cache } = await make().catch(make)
    console.log(`${of}: ${Math.round(code / 1024)} KB of code, ${Math.round(cache / 1024)} KB of code cache`)
  } finally {
    await world.close()
  }
}

/** Without neighbours an answer can be a refusal; by then what it takes to answer has been compiled all the same. */
function withAnyAnswer(send: Send): Send {
  return (port) =>
    send(port).catch((error: unknown) => {
      if (!String(error).includes('was answered with')) throw error
    })
}

function isFunction(candidate: string): candidate is FunctionName {
  return (functionNames as readonly string[]).includes(candidate)
}
