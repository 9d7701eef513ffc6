import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type FunctionName, functionNames, topology } from '../topology.ts'
import type { Databases } from './databases.ts'
import { type Ports, urlOf } from './ports.ts'
import { type Issuer, publicKeys, type Secrets } from './secrets.ts'

export type Environment = Readonly<Record<string, string>>

/** What the settings of a function follow from. */
export type Neighbourhood = {
  readonly ports: Pick<Ports, 'of' | 'metricsOf'>
  readonly databases: Pick<Databases, 'url'>
  readonly secrets: Secrets
}

/** What a function may take over from the caller's environment beside its own settings. */
const inherited = /^(PATH|HOME|TMPDIR|TZ|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|OTEL_.*)$/

/**
 * The environment of one function: its settings by name, from what the shop knows. A setting that the shop does not know is
 * taken over from the caller's environment; nothing else of it is.
 */
export async function environmentOf(name: FunctionName, shop: Neighbourhood): Promise<Environment> {
  const known = settingsOf(name, shop)
  const wanted = await settingNames(name)
  const entries = [
    ...Object.entries(process.env).filter(([key]) => inherited.test(key) || wanted.includes(key)),
    ...wanted.map((key) => [key, known[key]] as const),
  ]
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function settingsOf(name: FunctionName, { ports, databases, secrets }: Neighbourhood) {
  const { database } = topology[name]
  const key = secrets.keys[name as Issuer]
  const settings: Record<string, string | undefined> = {
    HOST: '127.0.0.1',
    PORT: String(ports.of(name)),
    METRICS_PORT: String(ports.metricsOf(name)),
    DATABASE_URL: database ? databases.url(database.service, database.role) : undefined,
    JWKS: publicKeys(secrets),
    ACCESS_TOKEN_KEY: key && JSON.stringify(key),
    SERVICE_KEY: key && JSON.stringify(key),
    PAYMENT_GATEWAY_KEY: secrets.paymentGatewayKey,
    GATEWAY_CONTROL: 'enabled',
    PUBLIC_URL: urlOf(ports.of('edge')),
  }
  for (const other of functionNames) settings[`${other.replaceAll('-', '_').toUpperCase()}_URL`] = urlOf(ports.of(other))
  return settings
}

async function settingNames(name: FunctionName): Promise<string[]> {
  const path = join(import.meta.dirname, '..', '..', 'functions', name, 'settings.ts')
  if (!existsSync(path)) throw new Error(`functions/${name}/settings.ts is missing`)
  // Settings are edited while `npm run dev` runs: a changed file is another module.
  const { settings } = (await import(`${pathToFileURL(path).href}?${statSync(path).mtimeMs}`)) as { settings: Record<string, unknown> }
  return Object.keys(settings)
}
