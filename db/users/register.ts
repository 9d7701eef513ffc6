import { type SQL, sql } from 'drizzle-orm'

/** A new person: values, or the `sql.placeholder()`s that stand for them. */
export type NewPerson = {
  /** Lower-cased. */
  readonly email: unknown
  readonly passwordHash: unknown
  /** A JSON array. */
  readonly roles: unknown
  /** May be null. */
  readonly name: unknown
}

/**
 * The one way a person is registered. Common table expressions to put behind `with`: `account` (the new row, or none when the
 * email is taken) and `profile`, which is made in the same commit.
 */
export const registerPerson = ({ email, passwordHash, roles, name }: NewPerson): SQL => sql`
  account as (
    insert into accounts (email, password_hash, roles)
    values (${email}, ${passwordHash}, array(select jsonb_array_elements_text(${roles}::jsonb)))
    on conflict (email) do nothing
    returning id, email, roles, created_at
  ),
  profile as (
    insert into profiles (account_id, name) select id, ${name}::text from account
  )`
