import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { generateDrizzleJson } from 'drizzle-kit/api'
import { type Service, services } from '../topology.ts'
import { root } from './tool.ts'

/** Compares each service's schema with the one its newest migration leaves behind; tells which services lack a migration. */
export async function findMissingMigrations(): Promise<string | undefined> {
  const states = await Promise.all(services.map(async (service) => ({ service, current: await isCurrent(service) })))
  const missing = states.filter(({ current }) => !current)
  if (missing.length === 0) return undefined
  return missing
    .map(({ service }) => `db/${service}/schema.ts has changed: SERVICE=${service} npx drizzle-kit generate --name <what changes>`)
    .join('\n')
}

async function isCurrent(service: Service): Promise<boolean> {
  const folder = join(root, 'db', service)
  const meta = join(folder, 'migrations', 'meta')
  if (!existsSync(meta)) return false
  const newest = readdirSync(meta)
    .filter((file) => file.endsWith('_snapshot.json'))
    .toSorted()
    .at(-1)
  if (newest === undefined) return false
  const schema = (await import(pathToFileURL(join(folder, 'schema.ts')).href)) as Record<string, unknown>
  return isDeepStrictEqual(content(generateDrizzleJson(schema)), content(JSON.parse(readFileSync(join(meta, newest), 'utf8'))))
}

/** A snapshot without its ids, which are random. */
const content = (snapshot: object) => ({ ...(JSON.parse(JSON.stringify(snapshot)) as object), id: '', prevId: '' })
