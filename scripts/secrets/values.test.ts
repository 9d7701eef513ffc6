import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { jwks, signingKey } from '#shared/auth/jwks.ts'
import { userTokenSigner, userVerifier } from '#shared/auth/user-token.ts'
import { completeSecrets, type Files } from './values.ts'

const user = { id: '019a0000-0000-7000-8000-000000000001', roles: ['customer'], sessionId: '019a0000-0000-7000-8000-000000000002' }
const now = () => new Date()
const sign = (files: Files) => userTokenSigner(signingKey.parse(files['accounts-key.json']), now)(user)
const verify = (files: Files, token: string) => userVerifier(jwks.parse(files['jwks.json']))(token)

test('what Kustomize reads is exactly what is made', () => {
  const wanted = readFileSync(join(import.meta.dirname, '../../knative/secrets/kustomization.yaml'), 'utf8')
  const named = [...wanted.matchAll(/values\/([\w.-]+)/g)].map(([, name = '']) => name)
  expect(
    Object.keys(completeSecrets({}))
      .filter((name) => name !== 'next-keys.json')
      .toSorted(),
  ).toEqual(named.toSorted())
})

test('secrets that are there stay, byte by byte', () => {
  const files = completeSecrets({})
  expect(completeSecrets(files)).toEqual(files)
})

test('while keys are rotated, no function refuses a token of a function that has the other keys', async () => {
  const before = completeSecrets({})
  const after = completeSecrets(before, new Set(['keys']))
  expect(after['accounts-key.json']).not.toBe(before['accounts-key.json'])
  for (const signer of [before, after])
    for (const verifier of [before, after]) expect(await verify(verifier, await sign(signer))).toEqual(user)
  expect(completeSecrets(after)).toEqual(after)
})

test('a key that was rotated away twice opens nothing', async () => {
  const first = completeSecrets({})
  const later = completeSecrets(completeSecrets(first, new Set(['keys'])), new Set(['keys']))
  expect(await verify(later, await sign(first))).toBeUndefined()
})

test('public keys hold nothing private', () => {
  const { keys } = JSON.parse(completeSecrets({})['jwks.json'] ?? '') as { keys: object[] }
  expect(keys).toHaveLength(6)
  expect(keys.filter((key) => 'd' in key)).toEqual([])
})

test('new passwords reach the urls, and the superuser keeps the one its volume was made with', () => {
  const before = completeSecrets({})
  const after = completeSecrets(before, new Set(['passwords']))
  const value = (files: Files, name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(files['orders-database.env'] ?? '')?.[1]
  expect(value(after, 'superuser-password')).toBe(value(before, 'superuser-password'))
  expect(value(after, 'writer-password')).not.toBe(value(before, 'writer-password'))
  expect(value(after, 'writer-url')).toBe(`postgres://orders_writer:${value(after, 'writer-password')}@orders-postgres:5432/orders`)
  expect(after['accounts-key.json']).toBe(before['accounts-key.json'])
})

test('the command writes files that only their owner can read, and no value to the terminal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-secrets-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const printed = execFileSync(process.execPath, [join(import.meta.dirname, '../secrets.ts'), '--folder', folder], { encoding: 'utf8' })
  for (const name of readdirSync(folder)) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    for (const [, secret = ''] of readFileSync(join(folder, name), 'utf8').matchAll(/(?:password=|"d":")([\w-]+)/g))
      expect(printed).not.toContain(secret)
  }
})
