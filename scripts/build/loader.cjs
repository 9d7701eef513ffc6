'use strict'
// The entry of every function. It runs the bundle beside it with V8's code cache, when one was made for it, so that a
// cold process does not compile what an earlier one has compiled already. CODE_CACHE=write makes the caches at exit.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const loaded = new Map()

function load(name) {
  const known = loaded.get(name)
  if (known) return known.module.exports
  const filename = join(__dirname, name)
  const script = compile(filename)
  const module = { exports: {} }
  loaded.set(name, { module, script })
  const requireHere = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id))
  script.runInThisContext()(module.exports, requireHere, module, filename, __dirname)
  return module.exports
}

/** A function of its own, so that the cache it has read is garbage by the time the script runs, and not for good. */
function compile(filename) {
  // Bundles are plain ASCII: read as Latin-1 they stay one byte per character in memory.
  return new Script(readFileSync(filename, 'latin1'), { filename, ...readCache(`${filename}.cache`) })
}

function readCache(path) {
  try {
    return { cachedData: readFileSync(path) }
  } catch {
    // Without a cache the bundle is compiled as usual.
    return {}
  }
}

load('app.cjs')

if (process.env.CODE_CACHE === 'write') {
  process.on('exit', () => {
    for (const name of readdirSync(__dirname)) {
      if (!name.endsWith('.cjs') || name === 'main.cjs') continue
      // What nothing has asked for yet is loaded for its cache.
      load(name)
      writeFileSync(join(__dirname, `${name}.cache`), loaded.get(name).script.createCachedData())
    }
  })
}
