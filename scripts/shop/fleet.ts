import type { FunctionName } from '../topology.ts'
import type { Environment } from './environment.ts'
import { type FunctionProcess, startFunction, waitUntilReady } from './function-process.ts'
import type { Ports } from './ports.ts'

export type FleetOptions = {
  readonly names: readonly FunctionName[]
  readonly ports: Ports
  readonly environment: (name: FunctionName) => Promise<Environment>
  readonly log: (line: string) => void
  /** A function ended and nobody asked it to. */
  readonly onDeath: (message: string) => void
  readonly signal?: AbortSignal | undefined
}

/** The functions of one shop as processes. */
export type Fleet = {
  readonly pid: (name: FunctionName) => number
  /** Sends a signal and waits until the function has ended; that it did is then no surprise. */
  readonly kill: (name: FunctionName, signal: NodeJS.Signals) => Promise<void>
  /** Ends the function if it runs, starts it again, perhaps with other settings, and waits until it is ready. */
  readonly restart: (name: FunctionName, overrides?: Environment) => Promise<void>
  /** Asks all to end, and ends those that take longer than `graceMs`. */
  readonly stop: (graceMs?: number) => Promise<void>
}

/** Functions end within 5 seconds of SIGTERM. */
const defaultGraceMs = 6_000

/** Starts every function and waits until all are ready; when one fails, the others are stopped first. */
export async function startFleet({ names, ports, environment, log, onDeath, signal }: FleetOptions): Promise<Fleet> {
  const running = new Map<FunctionName, FunctionProcess>()

  const start = async (name: FunctionName, overrides: Environment = {}) => {
    const child = startFunction(name, { ...(await environment(name)), ...overrides }, log)
    running.set(name, child)
    await waitUntilReady(name, ports.of(name), child, signal)
    void child.ended.then((message) => {
      if (!child.wasKilled()) onDeath(message)
    })
  }
  const processOf = (name: FunctionName) => {
    const child = running.get(name)
    if (!child) throw new Error(`${name} is no function of this shop`)
    return child
  }
  const kill = async (name: FunctionName, how: NodeJS.Signals, graceMs = defaultGraceMs) => {
    const child = processOf(name)
    const late = setTimeout(() => void child.kill('SIGKILL'), graceMs)
    await child.kill(how)
    clearTimeout(late)
  }
  const fleet: Fleet = {
    pid: (name) => processOf(name).pid,
    kill,
    restart: async (name, overrides) => {
      if (!processOf(name).hasEnded()) await kill(name, 'SIGTERM')
      await start(name, overrides)
    },
    stop: async (graceMs) => {
      await Promise.all([...running.keys()].map((name) => kill(name, 'SIGTERM', graceMs)))
    },
  }
  const starts = await Promise.allSettled(names.map((name) => start(name)))
  const failed = starts.find((result) => result.status === 'rejected')
  if (failed) {
    await fleet.stop()
    throw failed.reason
  }
  return fleet
}
