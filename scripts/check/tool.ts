import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** The root of the repository. */
export const root = join(import.meta.dirname, '..', '..')
const bin = join(root, 'node_modules', '.bin')

/** Runs a tool of the project's own dependencies; gives what it printed when it found fault, and `undefined` when it did not. */
export function runTool(name: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: [bin, process.env['PATH']].join(delimiter) }
    const child = spawn(join(bin, name), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
    child.once('error', (error) => resolve(`${name} could not be run: ${error.message}. Is "npm ci" done?`))
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `${Buffer.concat(output).toString()}\n${name} ended with ${signal ?? code}`),
    )
  })
}
