import { fork } from 'node:child_process'
import { join } from 'node:path'
import { findPlace } from './postgres/place.ts'
import type { Plan, Report } from './postgres/guardian.ts'
import { somePorts } from './ports.ts'

export type PostgresOptions = {
  /** The server's files are in `<dataFolder>/postgres`, whichever place that turns out to be. */
  readonly dataFolder: string
  readonly password: string
  /** 0 takes a free port. */
  readonly port?: number
  /** `throwaway` is fast, forgets on a crash, and removes its files when it stops. */
  readonly mode?: 'durable' | 'throwaway'
  readonly maxConnections?: number
  readonly say?: (line: string) => void
}

export type Postgres = {
  readonly pid: number
  readonly port: number
  /** The superuser's url of one database. */
  readonly url: (database?: string) => string
  /** Settles when the server ends without `stop`; the message says how. */
  readonly ended: Promise<string>
  readonly stop: () => Promise<void>
}

/**
 * Starts a PostgreSQL of its own on 127.0.0.1, after stopping one that a killed run left in the same folder. It never outlives
 * the calling process, not even when that is killed. Rejects with what PostgreSQL said.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { dataFolder, password, port = 0, mode = 'durable', maxConnections = 100, say = () => {} } = options
  const durable = mode === 'durable'
  const plan: Plan = {
    ...findPlace(dataFolder, say),
    dataFolder,
    password,
    maxConnections,
    durable,
    keep: durable,
    ports: port === 0 ? somePorts(8) : [port],
  }
  // In a process group of its own: a Ctrl-C is for the supervisor, which stops the database last.
  const guardian = fork(join(import.meta.dirname, 'postgres', 'guardian.ts'), {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = new Promise<string>((resolve) => guardian.once('exit', () => resolve('The guardian of PostgreSQL ended by itself')))
  const first = nextReport(guardian)
  guardian.send(plan)
  const report = await Promise.race([first, gone.then((message): Report => ({ kind: 'failed', message }))])
  const stop = async () => {
    if (guardian.connected) guardian.disconnect()
    await gone
  }
  if (report.kind !== 'ready') {
    await stop()
    throw new Error(report.message)
  }
  // Should somebody kill the guardian, the database ends with it and not with the machine.
  void gone.then(() => interrupt(report.pid))
  return {
    pid: report.pid,
    port: report.port,
    url: (database = 'postgres') => `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${report.port}/${database}`,
    ended: Promise.race([nextReport(guardian).then((later) => ('message' in later ? later.message : 'PostgreSQL ended')), gone]),
    stop,
  }
}

function nextReport(guardian: ReturnType<typeof fork>): Promise<Report> {
  return new Promise((resolve) => guardian.once('message', (message) => resolve(message as Report)))
}

function interrupt(pid: number) {
  try {
    process.kill(pid, 'SIGINT')
  } catch {
    // It has ended, as it should.
  }
}
