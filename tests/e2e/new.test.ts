import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const copied = [
  'bench',
  'functions',
  'shared',
  'db',
  'scripts',
  'tests',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'biome.json',
  '.oxlintrc.json',
  '.gitignore',
  'drizzle.config.ts',
]

test('npm run new makes a function that is formatted, linted, typed and conforming, and whose test passes', async () => {
  const { npm, tool } = await checkout()
  const { stdout } = await npm('new', 'gift-cards', '--service', 'orders')
  expect(stdout).toContain('wrote functions/gift-cards/main.ts')
  await tool('biome', 'format', 'functions/gift-cards', 'scripts/topology.ts')
  await tool('tsc', '-p', '.')
  await tool('oxlint', '--type-aware', 'functions/gift-cards')
  await tool('vitest', 'run', 'tests/conformance', 'functions/gift-cards')
})

test('npm run new formats also what the longest name makes too wide', async () => {
  const { npm, tool } = await checkout()
  const name = 'a-function-with-the-longest-name-of-them'
  const { stdout } = await npm('new', name, '--service', 'users', '--role', 'reader')
  expect(stdout).toContain(`wrote functions/${name}/main.ts`)
  await tool('biome', 'format', `functions/${name}`, 'scripts/topology.ts')
})

test.each([
  [[], /Say how the function is called/],
  [['Gift_Cards', '--service', 'orders'], /cannot name a function/],
  [['../gift', '--service', 'orders'], /cannot name a function/],
  [['catalog', '--service', 'inventory'], /There is a function catalog already/],
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
  for (const path of copied) await cp(join(root, path), join(folder, path), { recursive: true })
  const modules = join(root, 'node_modules')
  await symlink(modules, join(folder, 'node_modules'))
  const { TEST_DATABASE_URL: _, ...env } = process.env
  const run = (file: string, args: string[]) =>
    promisify(execFile)(file, args, { cwd: folder, env: { ...env, PATH: `${join(modules, '.bin')}:${env['PATH']}` } })
  return {
    npm: (script: string, ...args: string[]) => run('npm', ['run', script, '--', ...args]),
    tool: (name: string, ...args: string[]) => run(join(modules, '.bin', name), args),
  }
}
