import { addAdmin, type Admin } from './shop/admin.ts'
import { bundleChanged } from './shop/bundles.ts'
import { type Databases, migrateAll, openDatabases, seedAll } from './shop/databases.ts'
import { environmentOf } from './shop/environment.ts'
import { startFleet } from './shop/fleet.ts'
import type { Shop, ShopOptions } from './shop/options.ts'
import { choosePorts, findBusy, type Ports, urlOf } from './shop/ports.ts'
import { type Progress, reportProgress } from './shop/progress.ts'
import { loadSecrets, type Secrets } from './shop/secrets.ts'
import { sweepEvery } from './shop/sweeper.ts'
import { type FunctionName, functionNames } from './topology.ts'

export type { Shop, ShopOptions }

/**
 * Starts a whole shop and resolves when every function is ready. When anything fails, or the signal is aborted, what was
 * started is stopped before it rejects with a message for the user. None of its processes outlives the calling one.
 */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const { port = 0, functions: names = functionNames, say = () => {}, signal } = options
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(port, names)
    try {
      return await startOn(ports, { ...options, functions: names }, reportProgress(say, signal))
    } catch (error) {
      // A port that was free a moment ago can be lost to somebody else; with chosen ports that is bad luck, try others.
      if (port !== 0 || attempt === 4 || signal?.aborted || !(await findBusy(ports, names))) throw error
    }
  }
}

async function startOn(ports: Ports, options: ShopOptions & { functions: readonly FunctionName[] }, progress: Progress): Promise<Shop> {
  const { dataFolder, mode = 'durable', databaseUrls: given = {}, functions: names, build = true, log = () => {}, signal } = options
  const secrets = loadSecrets(dataFolder)
  const bundled = progress('bundles', async () => (build ? bundleChanged(names) : undefined))
  // Heard when the databases stand.
  bundled.catch(() => {})
  const postgresPort = options.port ? ports.postgres : 0
  const databases = await openDatabases({ dataFolder, secrets, mode, port: postgresPort, given, progress })
  let report: (message: string) => void = () => {}
  const died = new Promise<string>((resolve) => {
    report = resolve
  })
  try {
    const admin = await prepareData(databases, options, secrets, progress)
    await bundled
    const environment = async (name: FunctionName) => ({
      ...(await environmentOf(name, { ports, databases, secrets })),
      ...options.env?.[name],
    })
    const fleet = await progress('functions', () =>
      startFleet({ names, ports, environment, log, onDeath: options.onDeath ?? report, signal }),
    )
    const sweeping = new AbortController()
    if (options.sweepEveryMs) void sweepEvery(options.sweepEveryMs, urlOf(ports.of('order-sweeper')), progress.say, sweeping.signal)
    let stopped: Promise<void> | undefined
    return {
      ...fleet,
      ...addresses(ports),
      names,
      secrets,
      admin,
      databaseUrl: databases.url,
      migrate: () => migrateAll(databases),
      ended: Promise.race([died, databases.ended]),
      stop: () => {
        sweeping.abort()
        stopped ??= fleet.stop().then(databases.stop)
        return stopped
      },
    }
  } catch (error) {
    await databases.stop()
    throw error
  }
}

async function prepareData(
  databases: Databases,
  { seed = true, admin }: ShopOptions,
  { adminPassword }: Secrets,
  progress: Progress,
): Promise<Admin> {
  await progress('migrations', () => migrateAll(databases))
  if (seed) await progress('seed', () => seedAll(databases))
  return addAdmin(databases, { email: admin?.email ?? 'admin@shop.example', password: admin?.password ?? adminPassword })
}

function addresses(ports: Ports) {
  const each = (portOf: (name: FunctionName) => number) =>
    Object.fromEntries(functionNames.map((name) => [name, urlOf(portOf(name))])) as Record<FunctionName, string>
  return { url: urlOf(ports.base), urls: each(ports.of), metricsUrls: each(ports.metricsOf) }
}
