import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '#shared/testing/port.ts'
import { until } from '#shared/testing/until.ts'
import { prepareDatabase } from '../../db/job.ts'
import { databaseRoles } from '../../db/roles.ts'
import { root } from './tools.ts'

// Debian's PostgreSQL is older than the shop's, and its pg_dump reads no newer server. So the scripts are run, as they are,
// with its tools against its own server; what that lacks for the schema is one function.
const bin = '/usr/lib/postgresql/15/bin'
const missing = !existsSync(`${bin}/pg_dump`)
  ? 'pg_dump not found. On Debian: apt-get install postgresql-15 postgresql-client-15'
  : process.getuid?.() === 0
    ? undefined
    : 'this needs root, to run PostgreSQL as another user'
if (missing !== undefined) console.warn(`No backup was restored: ${missing}`)
const mustRun = process.env['REQUIRE_POSTGRESQL_TOOLS'] === '1'

const password = 'superuser-password'
const writer = 'writer-password'

describe.skipIf(missing !== undefined && !mustRun)(`backup and restore${missing === undefined ? '' : ` (left out: ${missing})`}`, () => {
  let folder = ''
  let port = 0
  let server: ReturnType<typeof spawn>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shop-restore-'))
    chmodSync(folder, 0o755)
    port = await freePort()
    const account = { uid: idOf('-u'), gid: idOf('-g') }
    for (const name of ['data', 'backups', 'passwords']) mkdirSync(join(folder, name))
    chownSync(join(folder, 'data'), account.uid, account.gid)
    for (const role of ['superuser', ...databaseRoles]) writeFileSync(join(folder, 'passwords', `${role}-password`), `${role}-password`)
    writeFileSync(join(folder, 'superuser'), password, { mode: 0o644 })
    const data = join(folder, 'data')
    execFileSync(
      `${bin}/initdb`,
      ['-D', data, '-U', 'postgres', '--locale=C', '--encoding=UTF8', '--auth=scram-sha-256', `--pwfile=${folder}/superuser`],
      account,
    )
    const options = [
      '-D',
      data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'fsync=off',
    ]
    server = spawn(`${bin}/postgres`, options, { ...account, stdio: 'ignore' })
    const admin = sqlOf('postgres', password, 'template1')
    await until('PostgreSQL accepts', () =>
      admin`select 1`.then(
        () => true,
        () => false,
      ),
    )
    await admin.unsafe(`set allow_system_table_mods = on;
      create function pg_catalog.uuidv7() returns uuid language sql as 'select gen_random_uuid()'`)
    await admin.end()
    await prepare('inventory')
  })
  afterAll(async () => {
    server?.kill('SIGINT')
    if (server) await once(server, 'exit')
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  test('a database that was dumped and then lost rows comes back as it was, with its roles', async () => {
    const before = await contents()
    expect(before['products']?.length).toBeGreaterThan(900)
    expect(await script('backup.sh', 'owner')).toMatch(/^backup: inventory-\d{8}T\d{6}Z\.dump \d+ bytes\n$/)
    const sql = sqlOf('inventory_writer', writer, 'inventory')
    await sql`update stock set on_hand = 0, reserved = 0`
    await sql`delete from stock_ledger`
    expect(await contents()).not.toEqual(before)
    expect(await script('restore.sh', 'superuser')).toMatch(
      /^restore: inventory is as in inventory-\w+\.dump; what was there is in the database inventory_before_\d{14}\n$/,
    )
    await prepare('inventory')
    expect(await contents()).toEqual(before)
    // The writer that was connected all along writes again, and may still not change the schema.
    await sql`update stock set on_hand = on_hand + 1 where sku = 'MUG-0001'`
    await expect(sql`drop table stock`).rejects.toThrow('must be owner')
    await sql.end()
  })

  test('a dump that is cut off changes nothing', async () => {
    const before = await contents()
    writeFileSync(join(folder, 'backups', 'inventory-29990101T000000Z.dump'), 'PGDMP, and no more')
    await expect(script('restore.sh', 'superuser')).rejects.toThrow(/pg_restore/)
    expect(await contents()).toEqual(before)
    rmSync(join(folder, 'backups', 'inventory-29990101T000000Z.dump'))
  })

  test('old dumps go, the newest stays, and a failed run leaves no file', async () => {
    const backups = join(folder, 'backups')
    writeFileSync(join(backups, 'inventory-20200101T000000Z.dump'), '')
    execFileSync('touch', ['-d', '2020-01-01', join(backups, 'inventory-20200101T000000Z.dump')])
    await script('backup.sh', 'owner')
    expect(readdirSync(backups).filter((name) => name.includes('2020'))).toEqual([])
    const kept = readdirSync(backups)
    await expect(script('backup.sh', 'superuser')).rejects.toThrow(/authentication failed/)
    expect(readdirSync(backups)).toEqual(kept)
  })

  const prepare = (service: 'inventory') =>
    prepareDatabase({ SERVICE: service, PGHOST: '127.0.0.1', PGPORT: port, PASSWORDS_DIR: join(folder, 'passwords'), SEED: 'yes' })

  const sqlOf = (user: string, secret: string, database: string) =>
    postgres(`postgres://${user}:${secret}@127.0.0.1:${port}/${database}`, { max: 1, onnotice: () => {} })

  async function script(name: string, role: string): Promise<string> {
    const env = {
      PATH: `${bin}:${process.env['PATH']}`,
      SERVICE: 'inventory',
      PGHOST: '127.0.0.1',
      PGPORT: String(port),
      PASSWORD_FILE: join(folder, 'passwords', `${role}-password`),
      BACKUPS: join(folder, 'backups'),
      KEEP_DAYS: '14',
    }
    const { stdout } = await promisify(execFile)('sh', [join(root, 'knative/databases/template', name)], { env })
    return stdout
  }

  /** Every row of every table, as text. */
  async function contents(): Promise<Record<string, string[]>> {
    const sql = sqlOf('postgres', password, 'inventory')
    try {
      const tables = await sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname in ('public', 'drizzle')`
      const rows = await Promise.all(
        tables.map(
          ({ name }) => sql<{ text: string }[]>`
        select t::text as text from ${sql(name === '__drizzle_migrations' ? 'drizzle.__drizzle_migrations' : name)} t order by 1`,
        ),
      )
      return Object.fromEntries(tables.map(({ name }, index) => [name, (rows[index] ?? []).map(({ text }) => text)]))
    } finally {
      await sql.end()
    }
  }
})

const idOf = (flag: '-u' | '-g') => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
