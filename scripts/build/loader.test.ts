import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

/** A bundle as `bundle.ts` writes it, which uses another beside it when it is asked to. */
async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'shop-loader-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await copyFile(join(import.meta.dirname, 'loader.cjs'), join(folder, 'main.cjs'))
  const write = (name: string, code: string) =>
    writeFile(join(folder, name), `(function (exports, require, module, __filename, __dirname) {${code}\n})`)
  await write('app.cjs', `const { sum } = require('./more.cjs'); console.log(sum(1, 2), require('node:path').basename(__filename))`)
  await write('more.cjs', 'exports.sum = (one, other) => one + other')
  const run = async (env: Record<string, string> = {}) =>
    (await promisify(execFile)(process.execPath, [join(folder, 'main.cjs')], { env: { ...process.env, ...env } })).stdout
  return { folder, run }
}

test('a bundle runs the same without a code cache, with one, and with one that is broken or of other code', async () => {
  const { folder, run } = await setup()
  expect(await run()).toBe('3 app.cjs\n')
  expect(await run({ CODE_CACHE: 'write' })).toBe('3 app.cjs\n')
  const cache = join(folder, 'app.cjs.cache')
  const made = await readFile(cache)
  expect(await run()).toBe('3 app.cjs\n')
  await copyFile(join(folder, 'more.cjs.cache'), cache)
  expect(await run()).toBe('3 app.cjs\n')
  await writeFile(cache, made.subarray(0, made.length / 2))
  expect(await run()).toBe('3 app.cjs\n')
  await writeFile(cache, '')
  expect(await run()).toBe('3 app.cjs\n')
})
