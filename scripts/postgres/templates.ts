import postgres from 'postgres'
import { hasMigrations, migrate } from '../../db/migrate.ts'
import { type DatabaseRole, databaseRoles, ensureDatabase, ensureRoles, grantRights, roleName } from '../../db/roles.ts'
import { services } from '../topology.ts'

/** The roles of the databases that tests use; they hold nothing and end with the run. */
const passwords = { owner: 'owner', writer: 'writer', reader: 'reader', monitor: 'monitor' } as const

const quiet = { max: 1, onnotice: () => {} }

/** Makes one migrated database per service that has migrations, named `template_<service>`, for tests to copy. */
export async function makeTemplates(adminUrl: string) {
  const admin = postgres(adminUrl, quiet)
  try {
    for (const service of services.filter(hasMigrations)) {
      const name = `template_${service}`
      await ensureRoles(admin, service, passwords)
      await admin.unsafe(`drop database if exists "${name}"`)
      await ensureDatabase(admin, service, name)
      const inside = postgres(databaseUrl(adminUrl, name), quiet)
      await grantRights(inside, service)
      await inside.end()
      await migrate(service, roleUrl(adminUrl, service, name, 'owner'))
    }
  } finally {
    await admin.end()
  }
}

/** Copies a service's template in milliseconds. `drop` ends every session that is still in the copy. */
export async function cloneTemplate(adminUrl: string, service: string, name: string) {
  const admin = postgres(adminUrl, quiet)
  await ensureDatabase(admin, service, name, `template_${service}`)
  return {
    urls: Object.fromEntries(databaseRoles.map((role) => [role, roleUrl(adminUrl, service, name, role)])) as Record<DatabaseRole, string>,
    drop: async () => {
      await admin.unsafe(`drop database if exists "${name}" with (force)`)
      await admin.end()
    },
  }
}

/** The same server and user, another database. */
function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl)
  url.pathname = `/${database}`
  return url.href
}

function roleUrl(adminUrl: string, service: string, database: string, role: DatabaseRole): string {
  const url = new URL(databaseUrl(adminUrl, database))
  url.username = roleName(service, role)
  url.password = passwords[role]
  return url.href
}
