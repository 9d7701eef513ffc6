import { setTimeout as delay } from 'node:timers/promises'
import { initialise, launch, type Running, type ServerOptions, stopLeftover } from './server.ts'
import { removePlace } from './place.ts'

/** What the guardian is told first. `ports` are tried in order until one can be bound. */
export type Plan = ServerOptions & { readonly ports: readonly number[]; readonly dataFolder: string; readonly keep: boolean }

/** What the guardian answers: once `ready` or `failed`, and `ended` when the server stops by itself. */
export type Report = { kind: 'ready'; port: number; pid: number } | { kind: 'failed'; message: string } | { kind: 'ended'; message: string }

/**
 * PostgreSQL goes on when the process that started it is killed. This small process stands between them: it stops the server
 * as soon as the channel to its parent closes, for whatever reason.
 */
const ending = new AbortController()
let work: Promise<void> | undefined
let plan: Plan | undefined
let running: Running | undefined

process.once('message', (message) => {
  plan = message as Plan
  work = run(plan).catch((error: unknown) => report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }))
})
process.once('disconnect', () => void end())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end())

async function run(options: Plan) {
  await stopLeftover(options.folder)
  await initialise(options, ending.signal)
  running = await bindOneOf(options)
  const { pid } = running.process
  if (pid === undefined) throw new Error('PostgreSQL has no process')
  running.process.once('exit', (code, signal) => {
    if (!ending.signal.aborted) report({ kind: 'ended', message: `PostgreSQL ended by itself (${signal ?? code})` })
  })
  report({ kind: 'ready', port: running.port, pid })
}

async function bindOneOf(options: Plan): Promise<Running> {
  const [last] = options.ports.slice(-1)
  for (const port of options.ports) {
    try {
      return await launchUnlessHeld(options, port)
    } catch (error) {
      if (port === last || ending.signal.aborted || !String(error).includes('Address already in use')) throw error
    }
  }
  throw new Error('PostgreSQL was given no port')
}

/** The workers of a killed postmaster notice within moments that it is gone; until then they hold its memory. */
async function launchUnlessHeld(options: Plan, port: number): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(options, port)
    } catch (error) {
      if (attempt === 20 || !String(error).includes('is still in use')) throw error
      await delay(250)
    }
  }
}

async function end() {
  if (ending.signal.aborted) return
  ending.abort()
  await work
  if (running && plan) await stop(running, plan)
  if (plan && !plan.keep) removePlace(plan.dataFolder, plan)
  process.exit(0)
}

/** A fast shutdown ends open sessions and keeps every commit; an immediate one leaves that to the next start. */
async function stop({ process: server }: Running, { durable }: Plan) {
  const ended = new Promise<void>((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) resolve()
    server.once('exit', () => resolve())
  })
  for (const signal of durable ? (['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) : (['SIGQUIT', 'SIGKILL'] as const)) {
    server.kill(signal)
    const late = delay(5_000, 'late', { ref: false })
    if ((await Promise.race([ended, late])) !== 'late') return
  }
}

function report(message: Report) {
  if (process.connected) process.send?.(message)
}
