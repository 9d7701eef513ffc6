import { randomBytes } from 'node:crypto'
import { databaseRoles, roleName } from '../../db/roles.ts'
import { type Issuer, issuers, makeKey, makePassword, type PrivateKey } from '../shop/secrets.ts'
import { services } from '../topology.ts'

/** What can be replaced by new values while the shop runs. */
export const rotatable = ['keys', 'passwords', 'gateway', 'grafana'] as const
export type Rotatable = (typeof rotatable)[number]

/** The text of each file, by its name. */
export type Files = Readonly<Record<string, string>>

/** Private keys that nobody signs with yet. Their public halves are known everywhere already, so that a rotation is one step. */
const NEXT_KEYS = 'next-keys.json'

/** Everything that is a secret in a cluster: what is known stays, what is missing is made, what is to be rotated is made anew. */
export function completeSecrets(known: Files, rotate: ReadonlySet<Rotatable> = new Set()): Files {
  const once = (file: string, make: () => string, group?: Rotatable) =>
    group && rotate.has(group) ? make() : (known[file]?.trimEnd() ?? make())
  return withNewlines({
    ...keyFiles(known, rotate.has('keys')),
    'payment-gateway.env': once('payment-gateway.env', () => `key=sk_test_${randomBytes(24).toString('hex')}`, 'gateway'),
    'first-admin.env': once('first-admin.env', () => `email=admin@shop.example\npassword=${makePassword()}`),
    'grafana.env': once('grafana.env', () => `password=${makePassword()}`, 'grafana'),
    ...Object.fromEntries(services.map((service) => [`${service}-database.env`, databaseFile(service, known, rotate.has('passwords'))])),
  })
}

/** Signing passes to the next key. The one before stays valid until the rotation after this: tokens it has signed still arrive. */
function keyFiles(known: Files, rotate: boolean): Files {
  const parse = <T>(file: string) => (known[file] === undefined ? undefined : (JSON.parse(known[file]) as T))
  const waiting = parse<Partial<Record<Issuer, PrivateKey>>>(NEXT_KEYS)
  const published = parse<{ keys: { kid: string; iss: string }[] }>('jwks.json')?.keys ?? []
  const sets = issuers.map((issuer) => {
    const old = parse<PrivateKey>(`${issuer}-key.json`)
    const current = (rotate ? waiting?.[issuer] : old) ?? makeKey()
    const next = (rotate ? undefined : waiting?.[issuer]) ?? makeKey()
    const own = [current, next, ...(rotate && old ? [old] : [])].map((key) => ({ ...key, d: undefined, iss: issuer }))
    const before = rotate ? [] : published.filter(({ iss, kid }) => iss === issuer && !own.some((key) => key.kid === kid))
    return { issuer, current, next, published: [...own, ...before] }
  })
  return {
    ...Object.fromEntries(sets.map(({ issuer, current }) => [`${issuer}-key.json`, JSON.stringify(current)])),
    [NEXT_KEYS]: JSON.stringify(Object.fromEntries(sets.map(({ issuer, next }) => [issuer, next]))),
    'jwks.json': JSON.stringify({ keys: sets.flatMap((set) => set.published) }),
  }
}

function databaseFile(service: string, known: Files, rotate: boolean): string {
  const old = parseEnv(known[`${service}-database.env`] ?? '')
  const passwordOf = (name: string, again: boolean) => (again ? undefined : old[`${name}-password`]) ?? makePassword()
  // PostgreSQL reads the superuser's from its file only when it makes its volume, and the migration needs it to set the others.
  const lines = [`superuser-password=${passwordOf('superuser', false)}`]
  const passwords = Object.fromEntries(databaseRoles.map((role) => [role, passwordOf(role, rotate)]))
  lines.push(...databaseRoles.map((role) => `${role}-password=${passwords[role]}`))
  // The short name: a resolver tries the search list for anything with fewer than five dots, and finds this one at once.
  const url = (role: 'writer' | 'reader') => `postgres://${roleName(service, role)}:${passwords[role]}@${service}-postgres:5432/${service}`
  lines.push(`writer-url=${url('writer')}`, `reader-url=${url('reader')}`)
  return lines.join('\n')
}

function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => (line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]] : [])),
  )
}

const withNewlines = (files: Files): Files => Object.fromEntries(Object.entries(files).map(([name, text]) => [name, `${text}\n`]))
