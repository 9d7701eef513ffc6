import { expect, test } from 'vitest'
import { unmatchableHash } from '#shared/password/password.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { ensureAdmin } from './seed.ts'

const admin = { email: 'Admin@shop.example', passwordHash: unmatchableHash }

test('the first admin has every role and a profile, and is made only once', async () => {
  const { sql } = await freshDatabase('users')
  await ensureAdmin(sql, admin)
  await ensureAdmin(sql, { ...admin, passwordHash: `${unmatchableHash}x` })
  expect(await sql`select email, roles, password_hash from accounts`).toEqual([
    { email: 'admin@shop.example', roles: ['customer', 'staff', 'admin'], password_hash: unmatchableHash },
  ])
  expect(await sql`select p.name from profiles p join accounts a on a.id = p.account_id`).toEqual([{ name: null }])
})

test('an account that exists stays as it is when it is named as the admin', async () => {
  const { sql } = await freshDatabase('users')
  await sql`insert into accounts (email, password_hash, roles) values ('admin@shop.example', ${unmatchableHash}, '{customer}')`
  await ensureAdmin(sql, admin)
  expect(await sql`select roles from accounts`).toEqual([{ roles: ['customer'] }])
})

test('two starts at once make one admin', async () => {
  const { sql } = await freshDatabase('users')
  await Promise.all([ensureAdmin(sql, admin), ensureAdmin(sql, admin)])
  expect(await sql`select count(*)::int as count from accounts`).toEqual([{ count: 1 }])
})

test('the database refuses rows that cannot be', async () => {
  const { sql } = await freshDatabase('users')
  const account = { email: 'ada@shop.example', password_hash: unmatchableHash, roles: ['customer'] }
  const insert = (changed: object) => sql`insert into accounts ${sql({ ...account, ...changed })}`
  await expect(insert({ email: 'Ada@shop.example' })).rejects.toThrow('accounts_email')
  await expect(insert({ password_hash: 'hunter22' })).rejects.toThrow('accounts_password_hash')
  await expect(insert({ roles: [] })).rejects.toThrow('accounts_roles')
  await expect(insert({ roles: ['root'] })).rejects.toThrow('accounts_roles')
  await insert({})
  await expect(insert({})).rejects.toThrow('accounts_email_unique')
  const [session] = await sql`insert into sessions (account_id) select id from accounts returning id`
  const give = (n: number) =>
    sql`insert into refresh_tokens (hash, session_id, expires_at) values (sha256(${String(n)}::bytea), ${session?.['id']}, now())`
  await give(1)
  await expect(give(2)).rejects.toThrow('refresh_tokens_unused_idx')
})

test('erasing an account takes everything of the person along', async () => {
  const { sql } = await freshDatabase('users')
  await ensureAdmin(sql, admin)
  await sql`with s as (insert into sessions (account_id) select id from accounts returning id)
    insert into refresh_tokens (hash, session_id, expires_at) select sha256('x'), id, now() from s`
  await sql`delete from accounts`
  expect(await sql`select 1 from profiles union all select 1 from sessions union all select 1 from refresh_tokens`).toHaveLength(0)
})
