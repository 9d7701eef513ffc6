import { expect, test } from 'vitest'
import { hashPassword, unmatchableHash, verifyPassword } from './password.ts'

test('a password is recognised, and another is not', async () => {
  const phc = await hashPassword('correct horse battery staple')
  expect(await verifyPassword(phc, 'correct horse battery staple')).toBe(true)
  expect(await verifyPassword(phc, 'correct horse battery stapl')).toBe(false)
  expect(await verifyPassword(phc, '')).toBe(false)
})

test('the same password hashed twice gives two strings of the advised strength', async () => {
  const [first, second] = await Promise.all([hashPassword('twice the same'), hashPassword('twice the same')])
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(second).not.toBe(first)
})

test('strings of the reference implementation are understood', async () => {
  const small = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'
  const large = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await verifyPassword(small, 'password')).toBe(true)
  expect(await verifyPassword(large, 'password')).toBe(true)
  expect(await verifyPassword(small, 'Password')).toBe(false)
})

test('characters typed as other code points are the same password', async () => {
  expect(await verifyPassword(await hashPassword('Zoe\u0308s Kaffee'), 'Zo\u00ebs Kaffee')).toBe(true)
})

test('no common password matches the hash that stands for nobody', async () => {
  expect(await verifyPassword(unmatchableHash, '')).toBe(false)
  expect(await verifyPassword(unmatchableHash, 'password')).toBe(false)
})

const salt = 'c29tZXNhbHQ'
const tag = 'nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'

test.each([
  ['more memory than a login may take', `$argon2id$v=19$m=65537,t=2,p=1$${salt}$${tag}`],
  ['more passes than a login may take', `$argon2id$v=19$m=256,t=11,p=1$${salt}$${tag}`],
  ['more lanes than a login may take', `$argon2id$v=19$m=256,t=2,p=5$${salt}$${tag}`],
  ['no pass', `$argon2id$v=19$m=256,t=0,p=1$${salt}$${tag}`],
  ['too little memory', `$argon2id$v=19$m=7,t=2,p=1$${salt}$${tag}`],
  ['another algorithm', `$argon2i$v=19$m=256,t=2,p=1$${salt}$${tag}`],
  ['an old version', `$argon2id$v=16$m=256,t=2,p=1$${salt}$${tag}`],
  ['a tag too short to mean anything', `$argon2id$v=19$m=256,t=2,p=1$${salt}$nf65`],
  ['a plain password', 'hunter2'],
  ['nothing', ''],
])('a stored string with %s is refused', async (_, phc) => {
  await expect(verifyPassword(phc, 'password')).rejects.toThrow('not an argon2id string')
})
