import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { type Binaries, findBinaries, knowsFlag, missingFrom } from './observers/binaries.ts'
import { type Guarded, startGuarded } from './observers/guarded.ts'
import type { Command } from './observers/guardian.ts'
import { noteRunning, stopLeftovers } from './observers/leftovers.ts'
import { prometheusConfig, queriesFile, type ScrapeJob } from './observers/prometheus-config.ts'
import { isBusy, somePorts } from './ports.ts'
import type { Shop } from './shop/options.ts'
import { urlOf } from './shop/ports.ts'
import { type Service, services } from './topology.ts'

export type ObserversOptions = {
  /** Everything observers keep is in `<dataFolder>/prometheus`. */
  readonly dataFolder: string
  /** Of Prometheus, with the exporters on the four after it; 0 takes free ones. */
  readonly port?: number
  /** Between two scrapes, and between two evaluations of the rules. */
  readonly intervalMs?: number
  /** What else Prometheus reads. */
  readonly jobs?: readonly ScrapeJob[]
  readonly binaries?: Binaries
  readonly signal?: AbortSignal
}

/** What watches a shop from outside. */
export type Observers = {
  /** Prometheus, when it is installed. */
  readonly url: string | undefined
  readonly exporterUrls: Readonly<Partial<Record<Service, string>>>
  readonly pids: readonly number[]
  /** What is not installed and so does not run, with what to do about it. */
  readonly missing: readonly string[]
  /** Settles with a message when one of them ends by itself. */
  readonly ended: Promise<string>
  /** Ends them; calling it again waits for the same end. */
  readonly stop: () => Promise<void>
}

type Plan = {
  readonly commands: readonly Command[]
  readonly url: string
  readonly exporterUrls: Readonly<Partial<Record<Service, string>>>
}

/**
 * Starts Prometheus, with the rules of a cluster, and an exporter for each database of a running shop, and resolves when they
 * answer. What is not installed is named in `missing` and left out. None of them outlives the calling process.
 */
export async function startObservers(shop: Shop, options: ObserversOptions): Promise<Observers> {
  const { dataFolder, binaries = findBinaries(), port = 0, signal } = options
  const missing = missingFrom(binaries)
  const { prometheus } = binaries
  if (!prometheus) return { url: undefined, exporterUrls: {}, pids: [], missing, ended: new Promise(() => {}), stop: async () => {} }
  const folder = join(dataFolder, 'prometheus')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const note = join(folder, 'running.json')
  await stopLeftovers(note)
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(port)
    const plan = planOf(shop, { ...binaries, prometheus }, ports, options)
    const guarded = await startGuarded(plan.commands)
    noteRunning(note, guarded.pids)
    try {
      await waitUntilReady(plan, guarded, signal)
      let stopped: Promise<void> | undefined
      const stop = () => (stopped ??= guarded.stop())
      return { url: plan.url, exporterUrls: plan.exporterUrls, pids: guarded.pids, missing, ended: guarded.ended, stop }
    } catch (error) {
      await guarded.stop()
      // A port that was free a moment ago can be lost to somebody else.
      if (port !== 0 || attempt === 4 || !String(error).includes('address already in use')) throw error
    }
  }
}

async function choosePorts(base: number): Promise<readonly number[]> {
  const count = 1 + services.length
  if (base === 0) {
    const free = await Promise.all(somePorts(60).map(async (port) => ((await isBusy(port)) ? [] : [port])))
    return [...new Set(free.flat())].slice(0, count)
  }
  const ports = Array.from({ length: count }, (_, index) => base + index)
  for (const port of ports)
    if (await isBusy(port)) throw new Error(`Port ${port}, which Prometheus or an exporter needs, is busy: stop what listens there`)
  return ports
}

function planOf(
  shop: Shop,
  { prometheus, postgresExporter }: Binaries & { prometheus: string },
  [port = 0, ...exporterPorts]: readonly number[],
  { dataFolder, intervalMs = 5_000, jobs = [] }: ObserversOptions,
): Plan {
  const folder = join(dataFolder, 'prometheus')
  const observed = postgresExporter ? services : []
  // Its columns moved in PostgreSQL 17, which early exporters do not know; no board needs them.
  const withoutBgwriter = postgresExporter && knowsFlag(postgresExporter, 'collector.bgwriter') ? ['--no-collector.bgwriter'] : []
  const portOf = (service: Service) => exporterPorts[services.indexOf(service)] ?? 0
  const exporterUrls = Object.fromEntries(observed.map((service) => [service, urlOf(portOf(service))]))
  const config = join(folder, 'prometheus.json')
  writeFileSync(config, prometheusConfig({ shop, exporters: exporterUrls, intervalMs, jobs }))
  const server: Command = {
    name: 'prometheus',
    file: prometheus,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=15d',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    env: {},
    log: join(folder, 'prometheus.log'),
  }
  const exporters = observed.map((service) => ({
    name: `exporter of ${service}`,
    file: postgresExporter ?? '',
    args: [...exporterArguments(service, portOf(service)), ...withoutBgwriter],
    // Not an argument, which everybody on the machine could read.
    env: { DATA_SOURCE_NAME: dataSource(shop.databaseUrl(service, 'monitor')) },
    log: join(folder, `exporter-${service}.log`),
  }))
  return { commands: [server, ...exporters], url: urlOf(port), exporterUrls }
}

const exporterArguments = (service: Service, port: number): string[] => [
  `--web.listen-address=127.0.0.1:${port}`,
  '--log.level=warn',
  ...(existsSync(queriesFile(service)) ? [`--extend.query-path=${queriesFile(service)}`] : []),
]

/** The exporter's driver asks for TLS unless it is told otherwise; the shop's asks for none. */
function dataSource(url: string): string {
  const source = new URL(url)
  if (!source.searchParams.has('sslmode')) source.searchParams.set('sslmode', 'disable')
  return source.href
}

async function waitUntilReady({ commands, url, exporterUrls }: Plan, guarded: Guarded, signal?: AbortSignal) {
  const deadline = performance.now() + 30_000
  let failure: string | undefined
  void guarded.ended.then((message) => (failure = message))
  const addresses = [`${url}/-/ready`, ...Object.values(exporterUrls).map((exporter) => `${exporter}/`)]
  while (!(await Promise.all(addresses.map(answers))).every(Boolean)) {
    signal?.throwIfAborted()
    if (failure) throw new Error(`${failure}:\n${commands.map(({ log }) => readFileSync(log, 'utf8').trim().slice(-2_000)).join('\n')}`)
    if (performance.now() > deadline) throw new Error('Prometheus is not ready after 30 s')
    await delay(50)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { headersTimeout: 2_000 })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}
