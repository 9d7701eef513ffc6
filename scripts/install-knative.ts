import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from './cluster/buildah.ts'
import { installCommands, SERVING, settingsCommands, versionQuery } from './cluster/knative.ts'

const { values } = parseArgs({ options: { settings: { type: 'string', default: 'local' }, again: { type: 'boolean', default: false } } })
if (values.settings !== 'local' && values.settings !== 'production') throw new Error('--settings is local or production')

const root = join(import.meta.dirname, '..')
const [tool, ...args] = versionQuery
const installed = execFileSync(tool, args, { encoding: 'utf8' }).trim()
if (SERVING.endsWith(`-v${installed.replace(/^v/, '')}`) && !values.again) console.log(`Knative Serving ${installed} is installed`)
else for (const command of [...installCommands, ...settingsCommands(values.settings)]) run(command)

function run([program, ...rest]: Command) {
  console.log(`${program} ${rest.join(' ')}`)
  execFileSync(program, rest, { cwd: root, stdio: 'inherit' })
}
