import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { expect, inject, onTestFinished, test } from 'vitest'
import { migrate } from './migrate.ts'

test('several runs at once apply each migration once', async () => {
  const { url, sql } = await emptyDatabase()
  const folder = await migrations('create table things (id int)', 'insert into things values (1)')
  await Promise.all([migrate('things', url, folder), migrate('things', url, folder), migrate('things', url, folder)])
  expect(await sql`select id from things`).toEqual([{ id: 1 }])
})

test('a broken migration says which service and why, and leaves nothing of the run', async () => {
  const { url, sql } = await emptyDatabase()
  const folder = await migrations('create table things (id int)', 'alter table nowhere add column id int')
  await expect(migrate('things', url, folder)).rejects.toThrow(/migration of things failed[\s\S]*relation "nowhere" does not exist/)
  expect(await sql`select to_regclass('things') as found`).toEqual([{ found: null }])
})

test('the command exits non-zero when it has no database, no service or no migrations', async () => {
  const env = { ...process.env, DATABASE_URL: inject('postgresUrl') }
  const { DATABASE_URL: _, ...without } = env
  const command = (args: string[], environment: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'migrate.ts'), ...args], { env: environment })
  await expect(command([], env)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('--service') })
  await expect(command(['--service', 'orders'], without)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('DATABASE_URL'),
  })
  await expect(command(['--service', 'nothing'], env)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('no migrations') })
})

async function emptyDatabase() {
  const admin = postgres(inject('postgresUrl'), { max: 1 })
  const url = new URL(inject('postgresUrl'))
  const name = `migrate_${Math.random().toString(36).slice(2)}`
  await admin.unsafe(`create database ${name}`)
  url.pathname = `/${name}`
  const sql = postgres(url.href, { max: 1 })
  onTestFinished(async () => {
    await sql.end({ timeout: 1 })
    await admin.unsafe(`drop database ${name} with (force)`)
    await admin.end()
  })
  return { url: url.href, sql }
}

/** A migrations folder as drizzle-kit writes it. */
async function migrations(...statements: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'shop-migrations-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'meta'))
  const entries = statements.map((_, idx) => ({ idx, version: '7', when: idx + 1, tag: `000${idx}_step`, breakpoints: true }))
  await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }))
  await Promise.all(statements.map((statement, idx) => writeFile(join(folder, `000${idx}_step.sql`), statement)))
  return folder
}
