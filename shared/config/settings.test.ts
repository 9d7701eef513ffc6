import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { jwks, signingKey } from '#shared/auth/jwks.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { databaseUrl, functionUrl, parseSettings, serverSettings } from './settings.ts'

const shape = { ...serverSettings, DATABASE_URL: databaseUrl, ORDERS_URL: functionUrl, JWKS: jwks, SERVICE_KEY: signingKey }
const identity = testIdentity()
const good = {
  DATABASE_URL: 'postgres://reader:s3cret@127.0.0.1:5432/orders',
  ORDERS_URL: 'http://orders.local',
  JWKS: JSON.stringify(identity.jwks),
  SERVICE_KEY: JSON.stringify(identity.signingKey('orders')),
}

const faultsOf = (env: Readonly<Record<string, string | undefined>>) => {
  try {
    parseSettings(shape, env)
  } catch (error) {
    return String(error)
  }
  return undefined
}

test('whatever has a usual value may be left out', () => {
  const settings = parseSettings(shape, good)
  expect(settings).toMatchObject({ PORT: 8080, HOST: '0.0.0.0', METRICS_PORT: 9464, LOG_LEVEL: 'info' })
  expect(parseSettings(shape, { ...good, PORT: '0', METRICS_PORT: '65535' })).toMatchObject({ PORT: 0, METRICS_PORT: 65_535 })
})

test('all that is missing is named at once', () => {
  expect(faultsOf({})?.split('\n')).toEqual([
    'Error: Wrong settings:',
    '  DATABASE_URL: is required',
    '  ORDERS_URL: is required',
    '  JWKS: is required',
    '  SERVICE_KEY: is required',
  ])
})

test.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['PORT', ''],
  ['PORT', '0x50'],
  ['METRICS_PORT', 'http'],
  ['LOG_LEVEL', 'loudly-s3cret'],
  ['DATABASE_URL', 'mysql://root:s3cret@localhost/orders'],
  ['DATABASE_URL', 's3cret'],
  ['ORDERS_URL', 'ftp://s3cret'],
  ['JWKS', '{"keys":[]}'],
  ['JWKS', '{"keys":"s3cret"}'],
  ['JWKS', '{"s3cret'],
  ['JWKS', '/no/such/s3cret.json'],
  ['SERVICE_KEY', '{"kty":"s3cret"}'],
])('a wrong %s (%s) is named, its value is not', (name, value) => {
  const faults = faultsOf({ ...good, [name]: value })
  expect(faults).toMatch(new RegExp(`^Error: Wrong settings:\n  ${name}[:.]`))
  expect(faults).not.toContain('s3cret')
})

test('what is wrong inside a document is said with its place', () => {
  const [first, ...others] = identity.jwks.keys
  const { iss: _, ...unbound } = first ?? {}
  expect(faultsOf({ ...good, JWKS: JSON.stringify({ keys: [...others, unbound] }) })).toContain('  JWKS.keys.2.iss: ')
})

test('keys are read inline or from a mounted file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shop-settings-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'jwks.json')
  await writeFile(file, JSON.stringify(identity.jwks))
  expect(parseSettings(shape, good).JWKS).toEqual(identity.jwks)
  expect(parseSettings(shape, { ...good, JWKS: ` ${good.JWKS}` }).JWKS).toEqual(identity.jwks)
  expect(parseSettings(shape, { ...good, JWKS: file }).JWKS).toEqual(identity.jwks)

  await writeFile(file, 's3cret, but no JSON')
  expect(faultsOf({ ...good, JWKS: file })).toBe(
    'Error: Wrong settings:\n  JWKS: is neither a JSON object nor the path of a readable JSON file',
  )
})
