import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

type Known = { readonly pid: number; readonly startedAt: string }

/** Notes who runs, so that the next start can end those that a machine-wide kill left without their guardian. */
export function noteRunning(file: string, pids: readonly number[]) {
  const known = pids.map((pid) => ({ pid, startedAt: startOf(pid) })).filter(({ startedAt }) => startedAt !== undefined)
  writeFileSync(file, JSON.stringify(known), { mode: 0o600 })
}

/** Ends those of the noted processes that still live, and no other: a pid that is used again has another start. */
export async function stopLeftovers(file: string) {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 50) {
      const living = readNoted(file).filter(({ pid, startedAt }) => startOf(pid) === startedAt)
      if (living.length === 0) return
      if (waitedMs === 0) for (const { pid } of living) process.kill(pid, signal)
      await delay(50)
    }
  }
}

function readNoted(file: string): Known[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Known[]
  } catch {
    return []
  }
}

/** When a process started, in ticks since the machine did; `undefined` when it has ended, or where there is no `/proc`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : rest[18]
  } catch {
    return undefined
  }
}
