import type { Sql } from 'postgres'

/** What a role may do in its service's database: change the schema, change rows, read rows, or read rows and the server's statistics. */
export const databaseRoles = ['owner', 'writer', 'reader', 'monitor'] as const
export type DatabaseRole = (typeof databaseRoles)[number]
export type Passwords = Readonly<Record<DatabaseRole, string>>

/** The name of a service's role in PostgreSQL. */
export const roleName = (service: string, role: DatabaseRole) => `${service}_${role}`

/** Makes the service's roles, or gives existing ones these passwords. Needs a role that may create roles. */
export async function ensureRoles(admin: Sql, service: string, passwords: Passwords) {
  await admin.unsafe(
    databaseRoles
      .map((role) => {
        const name = roleName(service, role)
        const attributes = `login password ${literal(passwords[role])}`
        return `do $do$ begin create role ${name}; exception when duplicate_object or unique_violation then null; end $do$;
          alter role ${name} ${attributes};`
      })
      .join('\n'),
  )
  await letMonitor(admin, service)
}

/** A monitor that asks for too much, too often or for too long is refused rather than a customer. */
async function letMonitor(admin: Sql, service: string) {
  const [reader, monitor] = [roleName(service, 'reader'), roleName(service, 'monitor')]
  await admin.unsafe(`
    grant ${reader}, pg_read_all_stats to ${monitor};
    alter role ${monitor} connection limit 5;
    alter role ${monitor} set statement_timeout = '5s';
    alter role ${monitor} set default_transaction_read_only = on;
  `)
}

/**
 * Makes the database unless it is there, and lets only the service's own roles open it. `template` is a database to copy.
 * Needs a role that may create databases; the grants inside are `grantRights`.
 */
export async function ensureDatabase(admin: Sql, service: string, database: string = service, template = 'template1') {
  const [found] = await admin`select from pg_database where datname = ${database}`
  if (!found) await admin.unsafe(`create database "${database}" template "${template}" owner ${roleName(service, 'owner')}`)
  const guests = databaseRoles.map((role) => roleName(service, role)).join(', ')
  await admin.unsafe(`revoke all on database "${database}" from public; grant connect on database "${database}" to ${guests}`)
}

/**
 * Lets the writer change rows and the reader read them, in tables that exist and in those the owner will make. Only the owner
 * makes tables. Needs the owner or an administrator, connected to the service's database.
 */
export async function grantRights(sql: Sql, service: string) {
  const [owner, writer, reader] = databaseRoles.map((role) => roleName(service, role))
  await sql.unsafe(`
    revoke all on schema public from public;
    grant usage, create on schema public to ${owner};
    grant usage on schema public to ${writer}, ${reader};
    grant select, insert, update, delete on all tables in schema public to ${writer};
    grant select on all tables in schema public to ${reader};
    grant usage, select on all sequences in schema public to ${writer};
    grant select on all sequences in schema public to ${reader};
    alter default privileges for role ${owner} in schema public grant select, insert, update, delete on tables to ${writer};
    alter default privileges for role ${owner} in schema public grant select on tables to ${reader};
    alter default privileges for role ${owner} in schema public grant usage, select on sequences to ${writer};
    alter default privileges for role ${owner} in schema public grant select on sequences to ${reader};
  `)
}

const literal = (value: string) => `'${value.replaceAll("'", "''")}'`
