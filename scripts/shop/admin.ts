import { hashPassword } from '#shared/password/password.ts'
import { ensureAdmin } from '../../db/users/seed.ts'
import { type Databases, withSql } from './databases.ts'

/** The first administrator. */
export type Admin = {
  readonly email: string
  readonly password: string
  /** Whether this start made the account; one that was there keeps the password it has. */
  readonly isNew: boolean
}

/** Makes the first administrator unless an account has that email. */
export async function addAdmin(databases: Databases, { email, password }: { email: string; password: string }): Promise<Admin> {
  const passwordHash = await hashPassword(password)
  const isNew = await withSql(databases.url('users', 'owner'), (sql) => ensureAdmin(sql, { email, passwordHash }))
  return { email, password, isNew }
}
