import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import postgres, { type Sql } from 'postgres'
import { migrate } from '../../db/migrate.ts'
import { type DatabaseRole, ensureDatabase, ensureRoles, grantRights, roleName } from '../../db/roles.ts'
import { type Postgres, startPostgres } from '../postgres.ts'
import { type Service, services } from '../topology.ts'
import type { Progress } from './progress.ts'
import type { Secrets } from './secrets.ts'

export type DatabaseOptions = {
  readonly dataFolder: string
  readonly secrets: Secrets
  readonly mode: 'durable' | 'throwaway'
  /** Of PostgreSQL; 0 takes a free one. */
  readonly port: number
  /** Databases that exist elsewhere: the url of each one's owner. */
  readonly given: Readonly<Partial<Record<Service, string>>>
  readonly progress: Progress
}

export type Databases = {
  readonly url: (service: Service, role: DatabaseRole) => string
  /** Settles when PostgreSQL ends by itself; never when it is not ours. */
  readonly ended: Promise<string>
  readonly stop: () => Promise<void>
}

/** Opens the four databases, with their roles; PostgreSQL is started for those that are not given. */
export async function openDatabases({ dataFolder, secrets, mode, port, given, progress }: DatabaseOptions): Promise<Databases> {
  const own = services.filter((service) => given[service] === undefined)
  if (own.length === 0) return { url: (service) => given[service] ?? '', ended: new Promise(() => {}), stop: async () => {} }
  const server = await progress('PostgreSQL', () =>
    startPostgres({ dataFolder, password: secrets.superuserPassword, port, mode, say: progress.say }),
  )
  try {
    await progress('databases and roles', () => provision(server, secrets, own))
  } catch (error) {
    await server.stop()
    throw error
  }
  const url = (service: Service, role: DatabaseRole) =>
    given[service] ??
    `postgres://${roleName(service, role)}:${secrets.databasePasswords[service][role]}@127.0.0.1:${server.port}/${service}`
  return { url, ended: server.ended, stop: server.stop }
}

async function provision(server: Postgres, { databasePasswords }: Secrets, own: readonly Service[]) {
  await withSql(server.url(), async (admin) => {
    for (const service of own) {
      await ensureRoles(admin, service, databasePasswords[service])
      await ensureDatabase(admin, service)
    }
  })
  await inAll(own, (service) => withSql(server.url(service), (sql) => grantRights(sql, service)))
}

/** Brings every database to its newest migration. */
export async function migrateAll(databases: Databases) {
  await inAll(services, (service) => migrate(service, databases.url(service, 'owner')))
}

/** Fills every database that has a seed; a seed does nothing when it was there before. */
export async function seedAll(databases: Databases) {
  await inAll(services, async (service) => {
    const path = join(import.meta.dirname, '..', '..', 'db', service, 'seed.ts')
    if (!existsSync(path)) return
    const { seed } = (await import(pathToFileURL(path).href)) as { seed?: (sql: Sql) => Promise<void> }
    if (seed) await withSql(databases.url(service, 'owner'), seed)
  })
}

/** Works in several databases at once. Rejects with the first failure, but only when no work is under way any more. */
async function inAll(names: readonly Service[], work: (service: Service) => Promise<void>) {
  const results = await Promise.allSettled(names.map(work))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

/** One connection for the time of `work`. */
export async function withSql<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
