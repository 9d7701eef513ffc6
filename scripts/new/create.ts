import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { functionNames, type Role, type Service, services, topology } from '../topology.ts'
import { manifestOf } from './manifest.ts'
import { type Place, placesOf } from './places.ts'
import { filesOf, type NewFunction } from './templates.ts'

const LONGEST = 40

/** Names of other things beside the functions: an image, and what runs in the same namespace. */
const taken: readonly string[] = [...services, 'migrate', 'sweep', 'prometheus', 'grafana', 'kube-state-metrics']

/** What somebody asked for as a function that can be made; throws with what is wrong with it. */
export function parseNewFunction(
  root: string,
  given: { name?: string | undefined; service?: string | undefined; role: string },
): NewFunction {
  const { name, service, role } = given
  if (name === undefined) throw new Error('Say how the function is called, for example: npm run new -- gift-cards --service orders')
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > LONGEST) {
    throw new Error(
      `"${name}" cannot name a function: take at most ${LONGEST} lower-case letters and digits, words joined by single dashes`,
    )
  }
  if ((functionNames as string[]).includes(name) || existsSync(join(root, 'functions', name)))
    throw new Error(`There is a function ${name} already`)
  if (taken.includes(name)) throw new Error(`${name} is the name of something else in the shop already`)
  if (!isOneOf(services, service))
    throw new Error(`Say whose database it opens, with --service ${services.join(', ').replace(/, (\w+)$/, ' or $1')}`)
  if (!isOneOf(['writer', 'reader'] as const, role)) throw new Error('--role is writer or reader')
  return { name, service, role }
}

/** Writes the function's own files and its lines in every file that has to know of it, or nothing; gives the paths it wrote. */
export function createFunction(root: string, wanted: NewFunction): string[] {
  const own = Object.entries(filesOf(wanted)).map(([file, text]) => [join('functions', wanted.name, file), text] as const)
  const manifest = [join('knative', 'functions', `${wanted.name}.yaml`), manifestOf(wanted)] as const
  const changed = placesOf(wanted, Object.values(topology)).map((place) => [place.path, addTo(root, wanted.name, place)] as const)
  mkdirSync(join(root, 'functions', wanted.name))
  const written = [...own, manifest, ...changed]
  for (const [path, text] of written) writeFileSync(join(root, path), text)
  return written.map(([path]) => path)
}

function addTo(root: string, name: string, { path, add }: Place): string {
  try {
    return add(readFileSync(join(root, path), 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${path} has no place for ${name}, so nothing was written: ${reason}`, { cause: error })
  }
}

function isOneOf<const T extends Service | Role>(values: readonly T[], value: string | undefined): value is T {
  return (values as readonly string[]).includes(value ?? '')
}
