import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { familyOf, livingOf } from '../e2e/processes.ts'
import { startTestShop } from '../e2e/running-shop.ts'
import { startObservers } from '../../scripts/observers.ts'
import { choosePorts } from '../../scripts/shop/ports.ts'
import { functionNames, services } from '../../scripts/topology.ts'

const root = join(import.meta.dirname, '..', '..')
const patience = { timeout: 60_000, interval: 50 }

test('every function and every database of the shop is read under the labels that rules and boards know', async () => {
  const shop = await startTestShop()
  onTestFinished(shop.stop)
  const dataFolder = await makeFolder()
  const observers = await startObservers(shop, { dataFolder, intervalMs: 500 })
  onTestFinished(observers.stop)
  expect(observers.missing).toEqual([])

  const up = await vi.waitUntil(async () => {
    const series = await query(observers.url, 'up == 1')
    return series.length === functionNames.length + services.length && series
  }, patience)
  const functions = functionNames.map((name) => ({ kn_service_name: name, kn_revision_name: 'local', k8s_namespace_name: 'local' }))
  for (const labels of functions) expect(up).toContainEqual(expect.objectContaining({ ...labels, job: 'functions' }))
  for (const service of services) expect(up).toContainEqual(expect.objectContaining({ job: 'postgres', shop_service: service }))
  expect(await query(observers.url, 'pg_exporter_last_scrape_error != 0 or pg_exporter_user_queries_load_error != 0')).toEqual([])
  expect(await query(observers.url, 'count by (shop_service) ({__name__=~"shop_.+", shop_service!=""})')).toHaveLength(services.length)

  const family = observers.pids
  await observers.stop()
  expect(livingOf(family)).toEqual([])
})

test('what is not installed is named, and the shop goes on without it', async () => {
  const shop = await startTestShop({ seed: false })
  onTestFinished(shop.stop)
  const dataFolder = await makeFolder()
  const none = await startObservers(shop, { dataFolder, binaries: { prometheus: undefined, postgresExporter: undefined } })
  expect(none.url).toBeUndefined()
  expect(none.missing.join()).toMatch(/apt-get install prometheus/)
})

test.for(['SIGTERM', 'SIGKILL'] as const)('a supervisor that gets %s leaves no Prometheus behind', async (signal) => {
  const shop = await start()
  expect(shop.output()).toMatch(/^prometheus +http:\/\/127\.0\.0\.1:\d+ .* \d+$/m)
  const family = familyOf(shop.pid)
  expect(family.length).toBeGreaterThan(functionNames.length + services.length + 4)
  process.kill(shop.pid, signal)
  await vi.waitUntil(() => livingOf(family).length === 0, patience)
})

async function query(url: string | undefined, promql: string): Promise<Record<string, string>[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`)
  const { data } = (await response.json()) as { data: { result: { metric: Record<string, string> }[] } }
  return data.result.map(({ metric }) => metric)
}

async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'shop-observers-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The supervisor itself, as `npm start -- --observe` runs it. */
async function start() {
  const dataFolder = await makeFolder()
  await chmod(dataFolder, 0o711)
  const { base } = await choosePorts(0, functionNames)
  const args = ['scripts/start.ts', '--port', String(base), '--data', dataFolder, '--no-seed', '--observe']
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const pid = child.pid ?? 0
  let text = ''
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (text += chunk.toString()))
  onTestFinished(async () => {
    const family = familyOf(pid)
    child.kill('SIGTERM')
    await vi.waitUntil(() => livingOf(family).length === 0, patience)
  })
  await vi.waitUntil(() => text.includes('ready http') || child.exitCode !== null, patience)
  if (child.exitCode !== null) throw new Error(`The shop did not start:\n${text}`)
  return { pid, output: () => text }
}
