'use strict'
// The entry of every function. It runs the bundle beside it with V8's code cache, when one was made for it, so that a
// cold process does not compile what an earlier one has compiled already. CODE_CACHE=write makes the cache at exit.
const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const loaded = new Map()

function load(name) {
  const known = loaded.get(name)
  if (known) return known.exports
  const filename = join(__dirname, name)
  let cachedData
  try {
    cachedData = readFileSync(`${filename}.cache`)
  } catch {
    // Without a cache the bundle is compiled as usual.
  }
  // Bundles are plain ASCII: read as Latin-1 they stay one byte per character in memory.
  const script = new Script(readFileSync(filename, 'latin1'), { filename, ...(cachedData && { cachedData }) })
  const module = { exports: {} }
  loaded.set(name, module)
  const requireHere = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id))
  script.runInThisContext()(module.exports, requireHere, module, filename, __dirname)
  if (process.env.CODE_CACHE === 'write') {
    process.on('exit', () => writeFileSync(`${filename}.cache`, script.createCachedData()))
  }
  return module.exports
}

load('app.cjs')
