import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Command, Report } from './guardian.ts'

/** Programs that run until `stop`, and never longer than the calling process. */
export type Guarded = {
  readonly pids: readonly number[]
  /** Settles with a message when one of them ends by itself. */
  readonly ended: Promise<string>
  readonly stop: () => Promise<void>
}

/** Starts the programs, which does not mean that they are ready. */
export async function startGuarded(commands: readonly Command[]): Promise<Guarded> {
  // In a process group of its own: a Ctrl-C is for the supervisor, which ends everything in order.
  const guardian = fork(join(import.meta.dirname, 'guardian.ts'), {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = new Promise<void>((resolve) => guardian.once('exit', () => resolve()))
  let stopping = false
  const ended = new Promise<string>((resolve) => {
    guardian.on('message', (message) => {
      const report = message as Report
      if (report.kind === 'ended') resolve(report.message)
    })
    void gone.then(() => {
      if (!stopping) resolve('The guardian of Prometheus ended by itself')
    })
  })
  const started = new Promise<readonly number[]>((resolve) => {
    guardian.on('message', (message) => {
      const report = message as Report
      if (report.kind === 'started') resolve(report.pids)
    })
    void gone.then(() => resolve([]))
  })
  guardian.send(commands)
  const pids = await started
  // Should somebody kill the guardian, what it guards ends with it and not with the machine.
  void gone.then(() => pids.forEach(interrupt))
  return {
    pids,
    ended,
    stop: async () => {
      stopping = true
      if (guardian.connected) guardian.disconnect()
      await gone
    },
  }
}

function interrupt(pid: number) {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It has ended, as it should.
  }
}
