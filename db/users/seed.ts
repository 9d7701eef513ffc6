import { sql as template } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import { registerPerson } from './register.ts'

/** Makes the first admin, with every role, unless an account with that email exists, which then stays as it is; true when it was made. */
export async function ensureAdmin(sql: Sql, admin: { readonly email: string; readonly passwordHash: string }): Promise<boolean> {
  const roles = JSON.stringify(['customer', 'staff', 'admin'])
  const person = { email: admin.email.toLowerCase(), passwordHash: admin.passwordHash, roles, name: null }
  const made = await drizzle(sql).execute(template`with ${registerPerson(person)} select id from account`)
  return made.length > 0
}
