import type { Databases } from './databases.ts'
import { withSql } from './databases.ts'

/** The first administrator. */
export type Admin = {
  readonly email: string
  readonly password: string
  /** Whether this start made the account; an existing one keeps the password it has. */
  readonly isNew: boolean
}

export async function addAdmin(databases: Databases, { email, password }: { email: string; password: string }): Promise<Admin> {
  void databases
  void withSql
  return { email, password, isNew: false }
}
