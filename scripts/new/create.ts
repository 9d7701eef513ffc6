import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FunctionInfo, functionNames, type Role, type Service, services, topology } from '../topology.ts'
import { filesOf, type NewFunction } from './templates.ts'

const LONGEST = 40

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
  if (!isOneOf(services, service))
    throw new Error(`Say whose database it opens, with --service ${services.join(', ').replace(/, (\w+)$/, ' or $1')}`)
  if (!isOneOf(['writer', 'reader'] as const, role)) throw new Error('--role is writer or reader')
  return { name, service, role }
}

/** Writes the function's folder and its line in scripts/topology.ts; gives the paths it wrote. */
export function createFunction(root: string, wanted: NewFunction): string[] {
  const folder = join('functions', wanted.name)
  const register = withLine(readFileSync(join(root, topologyPath), 'utf8'), wanted)
  mkdirSync(join(root, folder))
  const files = Object.entries(filesOf(wanted)).map(([file, text]) => {
    writeFileSync(join(root, folder, file), text)
    return join(folder, file)
  })
  writeFileSync(join(root, topologyPath), register)
  return [...files, topologyPath]
}

const topologyPath = join('scripts', 'topology.ts')
const END = '} as const satisfies Record<string, FunctionInfo>'

function withLine(text: string, { name, service, role }: NewFunction): string {
  if (!text.includes(END)) throw new Error(`${topologyPath} does not end its table with "${END}": add the function there by hand`)
  const offset = Math.max(...Object.values<FunctionInfo>(topology).map((info) => info.offset)) + 1
  const key = name.includes('-') ? `'${name}'` : name
  const line = `  ${key}: { database: { service: '${service}', role: '${role}' }, protocol: 'http', offset: ${offset}, calls: [] },\n`
  return text.replace(END, line + END)
}

function isOneOf<const T extends Service | Role>(values: readonly T[], value: string | undefined): value is T {
  return (values as readonly string[]).includes(value ?? '')
}
