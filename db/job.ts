import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import * as z from 'zod'
import { hashPassword } from '../shared/password/password.ts'
import { seed } from './inventory/seed.ts'
import { migrate } from './migrate.ts'
import { databaseRoles, ensureDatabase, ensureRoles, grantRights, type Passwords, roleName } from './roles.ts'
import { ensureAdmin } from './users/seed.ts'

const secret = z.string().trim().min(12)

/** What the job reads from its environment. */
export const settings = {
  SERVICE: z.enum(['users', 'inventory', 'orders', 'payments']),
  PGHOST: z.string().min(1),
  PGPORT: z.coerce.number().int().default(5432),
  /** A folder with one file each: superuser-, owner-, writer-, reader- and monitor-password. */
  PASSWORDS_DIR: z.string().min(1),
  /** A folder with `email` and `password` of the first administrator; only the database of users has use for it. */
  FIRST_ADMIN_DIR: z.string().min(1).optional(),
  /** `yes` adds the sample products, for a shop to try. */
  SEED: z.enum(['yes', 'no']).default('no'),
}

export type JobSettings = z.infer<z.ZodObject<typeof settings>>

/**
 * Brings a service's database from whatever it is to the newest schema, with its roles and their passwords as in the files.
 * Functions can log in only when all that is done. Running it again, or twice at once, changes nothing.
 */
export async function prepareDatabase({ SERVICE, PGHOST, PGPORT, PASSWORDS_DIR, FIRST_ADMIN_DIR, SEED }: JobSettings) {
  const read = (name: string) => secret.parse(readFileSync(join(PASSWORDS_DIR, `${name}-password`), 'utf8'))
  const passwords = Object.fromEntries(databaseRoles.map((role) => [role, read(role)])) as Passwords
  const url = (user: string, password: string, database: string = SERVICE) =>
    `postgres://${user}:${encodeURIComponent(password)}@${PGHOST}:${PGPORT}/${database}`
  const owner = roleName(SERVICE, 'owner')
  await withSql(url('postgres', read('superuser'), 'postgres'), async (admin) => {
    // Of this session, which ends with the work: another job waits until then.
    await admin`select pg_advisory_lock(hashtext('prepare'))`
    await letIn(admin, SERVICE, passwords.owner)
    await ensureDatabase(admin, SERVICE)
    await admin.unsafe(`alter database ${SERVICE} owner to ${owner}`)
    await withSql(url('postgres', read('superuser')), (sql) => grantRights(sql, SERVICE))
    await migrate(SERVICE, url(owner, passwords.owner))
    await withSql(url(owner, passwords.owner), async (sql) => {
      if (SEED === 'yes' && SERVICE === 'inventory') await seed(sql)
      if (FIRST_ADMIN_DIR && SERVICE === 'users') await addFirstAdmin(sql, FIRST_ADMIN_DIR)
    })
    await ensureRoles(admin, SERVICE, passwords)
  })
}

/** Makes the roles that are missing, of which only the owner can log in yet. */
async function letIn(admin: Sql, service: string, password: string) {
  for (const role of databaseRoles) {
    const name = roleName(service, role)
    await admin.unsafe(`do $do$ begin create role ${name}; exception when duplicate_object or unique_violation then null; end $do$`)
  }
  await admin.unsafe(`alter role ${roleName(service, 'owner')} login password '${password.replaceAll("'", "''")}'`)
}

async function addFirstAdmin(sql: Sql, folder: string) {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim()
  await ensureAdmin(sql, { email: z.email().parse(read('email')), passwordHash: await hashPassword(secret.parse(read('password'))) })
}

async function withSql(url: string, work: (sql: Sql) => Promise<unknown>) {
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {} })
  try {
    await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
