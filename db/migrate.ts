import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

/** Whether the service has migrations to run. */
export const hasMigrations = (service: string) => isMigrations(migrationsOf(service))

/**
 * Brings the service's database to its newest migration; `url` is the owner's. Two runs at once wait for each other. Rejects
 * with what PostgreSQL refused, and then no part of the failed run stays.
 */
export async function migrate(service: string, url: string, folder: string = migrationsOf(service)) {
  if (!isMigrations(folder)) throw new Error(`There are no migrations of ${service} in ${folder}`)
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {} })
  try {
    await sql`select pg_advisory_lock(hashtext('migrate'))`
    await runMigrations(drizzle(sql), { migrationsFolder: folder })
  } catch (error) {
    throw new Error(`The migration of ${service} failed: ${reasons(error)}`, { cause: error })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

const migrationsOf = (service: string) => join(import.meta.dirname, service, 'migrations')
const isMigrations = (folder: string) => existsSync(join(folder, 'meta', '_journal.json'))

/** The failed statement says where it happened, its cause says what. */
function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const where = error.message.replace(/\nparams:[\s\S]*$/, '')
  return error.cause === undefined ? where : `${where}\n${reasons(error.cause)}`
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { service: { type: 'string' } } })
  const url = process.env['DATABASE_URL']
  try {
    if (!values.service || !/^[a-z-]+$/.test(values.service)) throw new Error('Name the service: npm run migrate -- --service orders')
    if (!url) throw new Error('Set DATABASE_URL to the url of the database, with its owner as the user')
    await migrate(values.service, url)
    console.log(`The database of ${values.service} is at its newest migration`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
