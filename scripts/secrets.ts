import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { completeSecrets, rotatable, type Rotatable } from './secrets/values.ts'

const { values } = parseArgs({
  options: {
    /** What is made anew: keys, passwords, gateway, grafana; may be given several times. */
    rotate: { type: 'string', multiple: true, default: [] },
    folder: { type: 'string', default: join(import.meta.dirname, '..', 'knative', 'secrets', 'values') },
  },
})
const strange = values.rotate.filter((name) => !(rotatable as readonly string[]).includes(name))
if (strange.length > 0) {
  console.error(`Cannot rotate ${strange.join(', ')}: choose from ${rotatable.join(', ')}`)
  process.exit(1)
}

mkdirSync(values.folder, { recursive: true, mode: 0o700 })
const known = Object.fromEntries(readdirSync(values.folder).map((name) => [name, readFileSync(join(values.folder, name), 'utf8')]))
const files = completeSecrets(known, new Set(values.rotate as Rotatable[]))
const changed = Object.entries(files).filter(([name, text]) => known[name] !== text)
for (const [name, text] of changed) write(join(values.folder, name), text)

console.log(changed.length === 0 ? 'All secrets are there' : `Written to ${values.folder}: ${changed.map(([name]) => name).join(', ')}`)
if (changed.length > 0) console.log('Bring them to the cluster: kubectl apply -k knative/secrets')

/** A file is whole or not there, and nobody else can read it. */
function write(path: string, text: string) {
  if (existsSync(`${path}.new`)) throw new Error(`${path}.new is there: another run is under way, or one was cut off; remove it`)
  writeFileSync(`${path}.new`, text, { mode: 0o600, flag: 'wx' })
  renameSync(`${path}.new`, path)
}
