import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { functionNames, topology } from '../../scripts/topology.ts'
import { choosePorts } from '../../scripts/shop/ports.ts'
import { familyOf, livingOf } from './processes.ts'

const root = join(import.meta.dirname, '..', '..')
const patience = { timeout: 60_000, interval: 20 }

/** One data folder for all: each test is also the next start after whatever the test before did to its shop. */
let dataFolder = ''

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'shop supervisor '))
  await chmod(dataFolder, 0o711)
})
afterAll(() => rm(dataFolder, { recursive: true, force: true }))

test.for([
  ['npm', 'SIGTERM'],
  ['npm', 'SIGINT'],
  ['npm', 'SIGKILL'],
  ['supervisor', 'SIGTERM'],
  ['supervisor', 'SIGINT'],
  ['supervisor', 'SIGKILL'],
] as const)('%s that gets %s leaves no process behind', async ([target, signal]) => {
  const shop = await start()
  await shop.ready()
  const family = familyOf(shop.pid)
  // npm, the supervisor, the functions, the guardian and PostgreSQL with some processes of its own.
  expect(family.length).toBeGreaterThan(functionNames.length + 4)
  process.kill(target === 'npm' ? shop.pid : shop.supervisor(), signal)
  await vi.waitUntil(() => livingOf(family).length === 0, patience)
})

test('Ctrl-C in a terminal, which every process of the group gets and npm forwards once more, is a clean end', async () => {
  const shop = await start()
  await shop.ready()
  const family = familyOf(shop.pid)
  process.kill(-shop.pid, 'SIGINT')
  await vi.waitUntil(() => livingOf(family).length === 0, patience)
  expect(readFileSync(join(dataFolder, 'postgres', 'postgres.log'), 'utf8')).toContain('database system is shut down')
})

test('a stop in the middle of a start leaves no process behind', async () => {
  const shop = await start()
  await vi.waitUntil(() => existsSync(join(dataFolder, 'postgres', 'data', 'postmaster.pid')), patience)
  const family = familyOf(shop.pid)
  process.kill(shop.pid, 'SIGTERM')
  await shop.exited
  expect(shop.output()).not.toContain('ready http')
  await vi.waitUntil(() => livingOf(family).length === 0, patience)
})

test('a second start keeps the keys, which only their owner can read', async () => {
  const path = join(dataFolder, 'secrets.json')
  const before = await readFile(path, 'utf8')
  const shop = await start()
  await shop.ready()
  expect(await readFile(path, 'utf8')).toBe(before)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(shop.output()).not.toContain(JSON.parse(before).adminPassword)
})

test('a busy port ends the start with its number and the function that needs it', async () => {
  const ports = await choosePorts(0, functionNames)
  const occupant = createServer().listen(ports.base + topology.catalog.offset, '127.0.0.1')
  await once(occupant, 'listening')
  onTestFinished(async () => void occupant.close())
  const shop = await start(ports.base)
  expect(await shop.exited).toBe(1)
  expect(shop.output()).toMatch(new RegExp(`Port ${ports.base + topology.catalog.offset}, which catalog needs, is busy`))
})

test('a function that dies ends the shop, with its name and a non-zero code', async () => {
  const shop = await start()
  await shop.ready()
  const family = familyOf(shop.pid)
  process.kill(shop.pidOf('catalog'), 'SIGKILL')
  expect(await shop.exited).toBe(1)
  expect(shop.output()).toContain('catalog ended with SIGKILL')
  expect(livingOf(family)).toEqual([])
})

test('a migration that cannot run ends the start, with the service and the reason', async () => {
  const shop = await start(0, {
    DATABASE_URL_ORDERS: 'postgres://nobody:nothing@127.0.0.1:1/orders',
  })
  expect(await shop.exited).toBe(1)
  expect(shop.output()).toMatch(/migration of orders failed:[\s\S]*ECONNREFUSED/)
})

/** `npm start`, as a user types it, in a process group of its own as in a terminal. */
async function start(port = 0, env: Record<string, string> = {}) {
  const { base } = port === 0 ? await choosePorts(0, functionNames) : { base: port }
  const args = ['start', '--', '--port', String(base), '--data', dataFolder, '--no-seed']
  const npm = spawn('npm', args, {
    cwd: root,
    env: { ...cleanEnvironment(), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => npm.once('close', (code) => resolve(code)))
  const pid = npm.pid ?? 0
  let text = ''
  for (const output of [npm.stdout, npm.stderr]) output.on('data', (chunk: Buffer) => (text += chunk.toString()))
  onTestFinished(async () => {
    const family = familyOf(pid)
    if (npm.exitCode === null && npm.signalCode === null) process.kill(pid, 'SIGTERM')
    await exited
    await vi.waitUntil(() => livingOf(family).length === 0, patience)
  })
  return {
    pid,
    exited,
    output: () => text,
    ready: async () => {
      await vi.waitUntil(() => text.includes('ready http') || npm.exitCode !== null, patience)
      if (npm.exitCode !== null) throw new Error(`The shop did not start:\n${text}`)
    },
    pidOf: (name: string) => Number(text.match(new RegExp(`^${name} +http.* (\\d+)$`, 'm'))?.[1]),
    // npm starts one process, the shell, which becomes the supervisor.
    supervisor: () => familyOf(pid)[1] ?? 0,
  }
}

/** Without what npm and vitest set for the tests themselves. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(npm_|VITEST|NODE_ENV|NODE_OPTIONS|DATABASE_URL)/.test(key)))
}
