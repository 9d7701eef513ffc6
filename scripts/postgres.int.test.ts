import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type PostgresOptions, startPostgres } from './postgres.ts'

test('data stay, and the next start stops a server that still runs on them', async () => {
  const dataFolder = await closedFolder()
  const first = await start({ dataFolder, mode: 'durable' })
  await query(first.url(), 'create table kept (id int); insert into kept values (1)')
  const second = await start({ dataFolder, mode: 'durable' })
  expect(await first.ended).toContain('ended by itself')
  expect(await query(second.url(), 'select id from kept')).toEqual([{ id: 1 }])
})

test('a foreign locale and the settings of another PostgreSQL change nothing, also below a folder closed to others', async () => {
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8')
  vi.stubEnv('PGDATA', '/nowhere')
  vi.stubEnv('PGPORT', '1')
  onTestFinished(() => void vi.unstubAllEnvs())
  const server = await start({ dataFolder: await closedFolder(), mode: 'throwaway' })
  const locale =
    'select datlocprovider, datlocale, datcollate, pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()'
  expect(await query(server.url(), locale)).toEqual([{ datlocprovider: 'b', datlocale: 'C.UTF-8', datcollate: 'C', encoding: 'UTF8' }])
})

test('a throwaway server leaves no file', async () => {
  const dataFolder = await closedFolder()
  const server = await start({ dataFolder, mode: 'throwaway' })
  await server.stop()
  expect(existsSync(dataFolder)).toBe(false)
})

test('only the password opens it', async () => {
  const server = await start({ dataFolder: await closedFolder(), mode: 'throwaway' })
  await expect(query(server.url().replace(':secret@', ':wrong@'), 'select 1')).rejects.toThrow('password authentication failed')
})

test('a port that is busy is refused with what PostgreSQL says', async () => {
  const occupant = await start({ dataFolder: await closedFolder(), mode: 'throwaway' })
  await expect(start({ dataFolder: await closedFolder(), mode: 'throwaway', port: occupant.port })).rejects.toThrow(
    'Address already in use',
  )
})

/** Like a folder below `/root`: only its owner may pass. */
async function closedFolder() {
  const parent = await mkdtemp(join(tmpdir(), 'shop closed '))
  const folder = join(parent, 'data')
  onTestFinished(async () => {
    // As root the files are elsewhere, and this is a link to them.
    const files = await realpath(join(folder, 'postgres')).catch(() => folder)
    await Promise.all([files, parent].map((path) => rm(path, { recursive: true, force: true })))
  })
  await mkdir(folder)
  return folder
}

async function start(options: Omit<PostgresOptions, 'password'>) {
  const server = await startPostgres({ ...options, password: 'secret' })
  onTestFinished(() => server.stop())
  return server
}

async function query(url: string, text: string) {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await sql.unsafe(text)
  } finally {
    await sql.end()
  }
}
