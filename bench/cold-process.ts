import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Send } from './send.ts'

/** A process that has given its first answer. */
export type ColdProcess = {
  /** From before it was spawned until its first answer was there to the last byte. */
  readonly ms: number
  /** What the measuring process itself has used of a CPU in that time, in milliseconds. */
  readonly ownCpuMs: number
  /** Its resident memory now, in MB. */
  readonly residentMb: () => number
  /** Ends it in order; rejects when it does not exit with 0. */
  readonly stop: () => Promise<void>
}

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/**
 * Starts `entry` and calls `send` as soon as it says that it listens. Until that line comes, which every function logs, the
 * measuring process sleeps: nothing polls.
 */
export async function startCold(entry: string, env: Readonly<Record<string, string>>, send: Send): Promise<ColdProcess> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const child = spawn(process.execPath, [entry], { env: { ...env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  alive.add(child)
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => {
    alive.delete(child)
    return signal ?? code
  })
  const tooEarly = ended.then((how) => Promise.reject<never>(new Error(`${entry} ended with ${String(how)} before its first answer`)))
  tooEarly.catch(() => {})
  await Promise.race([listening(child).then(send), tooEarly])
  const ms = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    ms,
    ownCpuMs: (user + system) / 1_000,
    residentMb: () => residentMb(child.pid ?? 0),
    stop: async () => {
      child.kill('SIGTERM')
      const how = await ended
      if (how !== 0 && how !== 'SIGTERM') throw new Error(`${entry} ended with ${String(how)}`)
    },
  }
}

/** The port of the log line that says that it listens. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    if (child.stdout === null) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"msg":"listening"')) resolve((JSON.parse(line) as { port: number }).port)
    })
  })
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
