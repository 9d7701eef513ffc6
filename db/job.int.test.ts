import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Postgres, startPostgres } from '../scripts/postgres.ts'
import { type JobSettings, prepareDatabase } from './job.ts'
import { databaseRoles } from './roles.ts'

let dataFolder = ''
let server: Postgres

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'shop-job-'))
  // As root PostgreSQL runs as another user, who must get in.
  await chmod(dataFolder, 0o711)
  server = await startPostgres({ dataFolder, password: 'superuser-password', mode: 'throwaway' })
})
afterAll(async () => {
  await server?.stop()
  await rm(dataFolder, { recursive: true, force: true })
})

test('an empty server gets the database of a service, with the first admin, and keeps both when the job runs again', async () => {
  const admin = filesOf({ email: 'first@shop.example\n', password: 'a-password-of-some-length\n' })
  const job = { ...settingsOf('users'), FIRST_ADMIN_DIR: admin }
  await prepareDatabase(job)
  await prepareDatabase(job)
  const sql = sqlOf('users', 'reader')
  expect(await sql`select email from accounts`).toMatchObject([{ email: 'first@shop.example' }])
})

test('two jobs at once make one database', async () => {
  await Promise.all([prepareDatabase(settingsOf('payments')), prepareDatabase(settingsOf('payments'))])
  expect(await sqlOf('payments', 'writer')`select count(*)::int as charges from charges`).toMatchObject([{ charges: 0 }])
})

test('sample products are there where they are asked for, and nowhere else', async () => {
  await prepareDatabase(settingsOf('inventory'))
  const count = () => sqlOf('inventory', 'reader')`select count(*)::int as products from products`
  expect(await count()).toMatchObject([{ products: 0 }])
  await prepareDatabase({ ...settingsOf('inventory'), SEED: 'yes' })
  expect(await count()).toMatchObject([{ products: 1000 }])
})

test('new passwords in the files are the passwords from then on', async () => {
  await prepareDatabase(settingsOf('orders'))
  await prepareDatabase(settingsOf('orders', 'another'))
  await expect(sqlOf('orders', 'writer')`select 1`).rejects.toThrow('password authentication failed')
  expect(await sqlOf('orders', 'writer', 'another')`select 1 as one`).toMatchObject([{ one: 1 }])
})

function settingsOf(service: JobSettings['SERVICE'], word = 'password'): JobSettings {
  const passwords = Object.fromEntries(databaseRoles.map((role) => [`${role}-password`, `${role}-${word}-1`]))
  const folder = filesOf({ ...passwords, 'superuser-password': 'superuser-password\n' })
  return { SERVICE: service, PGHOST: '127.0.0.1', PGPORT: server.port, PASSWORDS_DIR: folder, SEED: 'no' }
}

function filesOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'shop-job-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function sqlOf(service: string, role: string, word = 'password') {
  const sql = postgres(`postgres://${service}_${role}:${role}-${word}-1@127.0.0.1:${server.port}/${service}`, {
    max: 1,
    onnotice: () => {},
  })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}
