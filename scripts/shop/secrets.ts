import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { databaseRoles, type Passwords } from '../../db/roles.ts'
import { makeDataFolder } from '../data-folder.ts'
import { type Service, services } from '../topology.ts'

/** The functions that sign tokens, each with its own key. */
export const issuers = ['accounts', 'orders', 'order-sweeper'] as const
export type Issuer = (typeof issuers)[number]

export type PrivateKey = { kty: 'OKP'; crv: 'Ed25519'; x: string; d: string; kid: string; alg: 'EdDSA'; use: 'sig' }

/** What a shop on one machine keeps to itself; made once and kept in its data folder. */
export type Secrets = {
  readonly keys: Readonly<Record<Issuer, PrivateKey>>
  readonly paymentGatewayKey: string
  readonly superuserPassword: string
  readonly databasePasswords: Readonly<Record<Service, Passwords>>
  readonly adminPassword: string
}

/** Reads `<dataFolder>/secrets.json`, which only its owner can read, and makes what is not in it yet. */
export function loadSecrets(dataFolder: string): Secrets {
  const path = join(dataFolder, 'secrets.json')
  makeDataFolder(dataFolder)
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>) : undefined
  if (!known && existsSync(join(dataFolder, 'postgres', 'data'))) {
    throw new Error(
      `${path} is gone, and with it the passwords of the database beside it: bring it back, or remove ${dataFolder} to begin anew`,
    )
  }
  const secrets = complete(known ?? {})
  if (JSON.stringify(known) === JSON.stringify(secrets)) return secrets
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(unfinished, path)
  chmodSync(path, 0o600)
  return secrets
}

/** The public halves, each bound to its issuer: the `JWKS` setting. */
export function publicKeys({ keys }: Secrets): string {
  return JSON.stringify({ keys: issuers.map((iss) => ({ ...keys[iss], d: undefined, iss })) })
}

function complete(known: Partial<Secrets>): Secrets {
  return {
    keys: record(issuers, (issuer) => known.keys?.[issuer] ?? makeKey()),
    paymentGatewayKey: known.paymentGatewayKey ?? `sk_test_${randomBytes(24).toString('hex')}`,
    superuserPassword: known.superuserPassword ?? makePassword(),
    databasePasswords: record(services, (service) => ({
      ...record(databaseRoles, makePassword),
      ...known.databasePasswords?.[service],
    })),
    adminPassword: known.adminPassword ?? makePassword(),
  }
}

/** A key to sign tokens with. */
export function makeKey(): PrivateKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x, d, kid: randomBytes(8).toString('hex'), alg: 'EdDSA', use: 'sig' }
}

/** A password that nobody has to remember; it needs no escaping in a URL. */
export const makePassword = () => randomBytes(18).toString('base64url')

const record = <Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value) =>
  Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>
