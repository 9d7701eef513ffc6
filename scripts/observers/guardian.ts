import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** One program to run; what it prints goes to the file `log`. */
export type Command = {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly log: string
}

/** What the guardian tells: that all were started, and later of each that ends by itself. */
export type Report = { kind: 'started'; pids: number[] } | { kind: 'ended'; name: string; message: string }

/**
 * These programs go on when the process that started them is killed. This small process stands between them: it ends them as
 * soon as the channel to its parent closes, for whatever reason.
 */
const graceMs = 5_000
const running = new Set<ChildProcess>()
let ending = false

process.once('message', (message) => {
  const children = (message as Command[]).map(run)
  report({ kind: 'started', pids: children.map(({ pid }) => pid ?? 0).filter((pid) => pid > 0) })
})
process.once('disconnect', end)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end)

function run({ name, file, args, env, log }: Command): ChildProcess {
  const output = openSync(log, 'w', 0o600)
  const child = spawn(file, args, { env, stdio: ['ignore', output, output] })
  closeSync(output)
  running.add(child)
  const over = (how: string) => {
    running.delete(child)
    if (!ending) report({ kind: 'ended', name, message: `${name} ended by itself (${how})` })
    if (ending && running.size === 0) process.exit(0)
  }
  child.once('error', (error) => over(error.message))
  child.once('exit', (code, signal) => over(signal ?? `code ${code}`))
  return child
}

function end() {
  if (ending) return
  ending = true
  if (running.size === 0) process.exit(0)
  for (const child of running) child.kill('SIGTERM')
  setTimeout(() => {
    for (const child of running) child.kill('SIGKILL')
  }, graceMs)
}

function report(message: Report) {
  if (process.connected) process.send?.(message)
}
