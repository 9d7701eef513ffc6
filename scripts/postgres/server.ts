import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chownSync, closeSync, existsSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Place } from './place.ts'

export type ServerOptions = Place & {
  readonly password: string
  readonly maxConnections: number
  /** False trades safety against a crash of the machine for speed: for tests. */
  readonly durable: boolean
}

export type Running = { readonly process: ChildProcess; readonly port: number }

/** A foreign locale or a PG* variable of the caller must not change what the server does. */
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', LANG: 'C', TZ: 'UTC' }

/** Makes the data folder unless it is there; a half-made one is never mistaken for a whole one. */
export async function initialise({ native, folder, account, password, durable }: ServerOptions, signal: AbortSignal) {
  const data = join(folder, 'data')
  if (existsSync(data)) return
  const unfinished = join(folder, 'data.new')
  const passwordFile = join(folder, 'password.new')
  rmSync(unfinished, { recursive: true, force: true })
  rmSync(passwordFile, { force: true })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (account) chownSync(passwordFile, account.uid, account.gid)
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8']
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const speed = durable ? ['--no-instructions'] : ['--no-instructions', '--no-sync']
  try {
    await promisify(execFile)(join(native, 'bin', 'initdb'), ['-D', unfinished, ...locale, ...access, ...speed], {
      ...account,
      cwd: folder,
      env: environment,
      signal,
    })
    renameSync(unfinished, data)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/** Stops the server that a killed run left behind in this folder, and no other process. */
export async function stopLeftover(folder: string) {
  const pid = Number(readLockFile(folder)?.[0])
  if (!pid || !isServerOf(pid, join(folder, 'data'))) return
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal)
    for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 20) {
      if (!isServerOf(pid, join(folder, 'data'))) return
      await delay(20)
    }
  }
}

/** Starts the server and waits until it accepts connections. Rejects with the end of its log. */
export async function launch(options: ServerOptions, port: number): Promise<Running> {
  const { native, folder, account } = options
  const log = openSync(join(folder, 'postgres.log'), 'w', 0o600)
  const child = spawn(join(native, 'bin', 'postgres'), ['-D', join(folder, 'data'), ...settings(options, port)], {
    ...account,
    cwd: folder,
    env: environment,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  while (!failure && child.exitCode === null && child.signalCode === null) {
    const lock = readLockFile(folder)
    if (Number(lock?.[0]) === child.pid && lock?.[7]?.trim() === 'ready') return { process: child, port }
    await delay(10)
  }
  throw failure ?? new Error(`PostgreSQL did not start:\n${readFileSync(join(folder, 'postgres.log'), 'utf8').trim().slice(-2_000)}`)
}

function settings({ maxConnections, durable }: ServerOptions, port: number): string[] {
  const values: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: maxConnections,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // A statement can hold a password or an address: the log says what failed without it.
    log_min_error_statement: 'panic',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

function readLockFile(folder: string): string[] | undefined {
  try {
    return readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
}

/** Pids are used again: the process must also stand in the data folder, as every postmaster does. */
function isServerOf(pid: number, data: string): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || readlinkSync(`/proc/${pid}/cwd`) === data
  } catch {
    return false
  }
}
