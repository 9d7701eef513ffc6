import { spawn } from 'node:child_process'
import { join } from 'node:path'

const vitest = join(import.meta.dirname, '..', 'node_modules', 'vitest', 'vitest.mjs')
const args = process.argv.slice(2)
/** What needs programs that npm does not bring (a browser, Prometheus) is a project that only runs when it is named. */
const projects = args.includes('--project') ? [] : ['unit', 'integration', 'e2e'].flatMap((name) => ['--project', name])

// Vitest hears the terminal's Ctrl-C itself; a signal meant for this process is handed on.
const child = spawn(process.execPath, [vitest, 'run', ...projects, ...args], { stdio: 'inherit' })
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.once('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 130)
})
