import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Command } from './buildah.ts'

const root = join(import.meta.dirname, '..', '..')

/** Runs commands one after the other, each printed first; ends the process with the first that fails. */
export function runAll(commands: readonly Command[]) {
  for (const [tool, ...args] of commands) {
    console.log(`\n$ ${tool} ${args.join(' ')}`)
    try {
      execFileSync(tool, args, { cwd: root, stdio: 'inherit' })
    } catch {
      console.error(`That failed. What was done so far stays, and running this again goes on from there.`)
      process.exit(1)
    }
  }
}

/** What a command prints. */
export const ask = ([tool, ...args]: Command): string =>
  execFileSync(tool, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/** Ends the process, naming the programs that are not on the PATH and where to get them. */
export function requireTools(tools: Readonly<Record<string, string>>, names: readonly string[] = Object.keys(tools)) {
  const missing = names.filter((name) => !(process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name))))
  if (missing.length === 0) return
  console.error(`This needs ${missing.join(', ')}:\n${missing.map((name) => `  ${name}: ${tools[name]}`).join('\n')}`)
  process.exit(1)
}
