import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { boardsFolder as boards } from '../../scripts/generate/boards.ts'

const root = join(import.meta.dirname, '..', '..')
/** What a copy to work in does without; what is generated, installed or secret is no part of it. */
const left = ['.git', 'node_modules', 'dist', '.data', 'bench/results', 'knative/secrets/values'].map((path) => join(root, path))

test('npm run new makes a function that conforms wherever functions are named, and whose test passes', { timeout: 600_000 }, async () => {
  const { npm, tool } = await checkout()
  const { stdout } = await npm('new', 'gift-cards', '--service', 'orders')
  for (const path of ['functions/gift-cards/main.ts', 'knative/functions/gift-cards.yaml', 'skaffold.yaml', `${boards}/shop-orders.json`])
    expect(stdout).toContain(`wrote ${path}\n`)
  expect(stdout).toContain('Left to do by hand')
  await npm('check')
  await tool('vitest', 'run', 'tests/conformance', 'functions/gift-cards')
})

test('npm run new makes also a reader with the longest name, and stays in order', { timeout: 600_000 }, async () => {
  const { npm, tool } = await checkout()
  const name = 'a-function-with-the-longest-name-of-2026'
  const { stdout } = await npm('new', name, '--service', 'users', '--role', 'reader')
  expect(stdout).toContain(`wrote functions/${name}/main.ts\n`)
  await tool('biome', 'format', `functions/${name}`, 'scripts/topology.ts')
  const tests = ['docs.test.ts', 'skaffold.test.ts', 'databases-in-manifests.test.ts', 'manifests.test.ts', 'manifests-and-code.test.ts']
  await tool('vitest', 'run', ...tests.map((file) => `tests/conformance/${file}`))
})

test.each([
  ['skaffold.yaml', 'image: dev.local/shop/migrate', 'image: dev.local/shop/first-migrate'],
  ['knative/databases/orders/network.yaml', 'key: serving', 'lock: serving'],
  ['docs/architecture.md', '[(orders)]', '[(other)]'],
])('npm run new writes nothing when %s has no place for a function', async (path, from, to) => {
  const { folder, npm } = await checkout()
  const text = await readFile(join(folder, path), 'utf8')
  await writeFile(join(folder, path), text.replace(from, to))
  await expect(npm('new', 'gift-cards', '--service', 'orders')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(path) })
  expect(existsSync(join(folder, 'functions/gift-cards'))).toBe(false)
  const topology = 'scripts/topology.ts'
  expect(await readFile(join(folder, topology), 'utf8')).toBe(await readFile(join(root, topology), 'utf8'))
})

test.each([
  [[], /Say how the function is called/],
  [['Gift_Cards', '--service', 'orders'], /cannot name a function/],
  [['../gift', '--service', 'orders'], /cannot name a function/],
  [['catalog', '--service', 'inventory'], /There is a function catalog already/],
  [['migrate', '--service', 'orders'], /name of something else/],
  [['gift-cards'], /users, inventory, orders or payments/],
  [['gift-cards', '--service', 'gifts'], /users, inventory, orders or payments/],
  [['gift-cards', '--service', 'orders', '--role', 'owner'], /writer or reader/],
  [['gift-cards', 'and-more', '--service', 'orders'], /One function at a time/],
])('npm run new %j says what is wrong and makes nothing', async (args, reason) => {
  await expect(promisify(execFile)(process.execPath, [join(root, 'scripts', 'new.ts'), ...args])).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(reason),
  })
})

/** A copy of the project to make functions in. */
async function checkout() {
  const folder = await mkdtemp(join(tmpdir(), 'shop-new-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await cp(root, folder, { recursive: true, filter: (source) => !left.includes(source) })
  const modules = join(root, 'node_modules')
  await symlink(modules, join(folder, 'node_modules'))
  const { TEST_DATABASE_URL: _, ...env } = process.env
  const run = (file: string, args: string[]) =>
    promisify(execFile)(file, args, { cwd: folder, env: { ...env, PATH: `${join(modules, '.bin')}:${env['PATH']}` } }).catch(
      (error: Error & { stdout: string }) => {
        // What a check or a test found is in what it printed.
        error.message += error.stdout
        throw error
      },
    )
  return {
    folder,
    npm: (script: string, ...args: string[]) => run('npm', ['run', script, '--', ...args]),
    tool: (name: string, ...args: string[]) => run(join(modules, '.bin', name), args),
  }
}
