import { sql } from 'drizzle-orm'
import { check, customType, index, integer, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'

const time = (name: string) => timestamp(name, { withTimezone: true })
const createdAt = time('created_at').notNull().defaultNow()
const updatedAt = time('updated_at').notNull().defaultNow()
const sha256 = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** Who can log in. */
export const accounts = pgTable(
  'accounts',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    email: text().notNull().unique(),
    /** A PHC string; never a password. */
    passwordHash: text('password_hash').notNull(),
    roles: text().array().notNull(),
    version: integer().notNull().default(1),
    createdAt,
    updatedAt,
  },
  (t) => [
    check('accounts_email', sql`${t.email} = lower(${t.email}) and ${t.email} like '_%@_%' and length(${t.email}) <= 254`),
    check('accounts_password_hash', sql`${t.passwordHash} like '$argon2id$%'`),
    check('accounts_roles', sql`cardinality(${t.roles}) > 0 and ${t.roles} <@ array['customer', 'staff', 'admin']`),
  ],
)

/** What people tell about themselves; made together with the account. */
export const profiles = pgTable(
  'profiles',
  {
    accountId: uuid('account_id')
      .primaryKey()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    name: text(),
    phone: text(),
    version: integer().notNull().default(1),
    createdAt,
    updatedAt,
  },
  (t) => [
    check('profiles_name', sql`length(${t.name}) between 1 and 100`),
    check('profiles_phone', sql`${t.phone} ~ '^\\+[1-9][0-9]{6,14}$'`),
  ],
)

/** One login on one device, and so the family of its refresh tokens; its id is the `sid` of the access tokens. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    accountId: uuid('account_id')
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    createdAt,
    refreshedAt: time('refreshed_at').notNull().defaultNow(),
    endedAt: time('ended_at'),
  },
  (t) => [index('sessions_account_idx').on(t.accountId)],
)

/** Refresh tokens by their SHA-256, kept after use: that is how a second use is seen. A session has one that is not used yet. */
export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    hash: sha256().primaryKey(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    createdAt,
    expiresAt: time('expires_at').notNull(),
    usedAt: time('used_at'),
  },
  (t) => [
    index('refresh_tokens_session_idx').on(t.sessionId),
    uniqueIndex('refresh_tokens_unused_idx').on(t.sessionId).where(sql`used_at is null`),
    check('refresh_tokens_hash', sql`octet_length(${t.hash}) = 32`),
  ],
)

/** Failed logins in the current window, by the SHA-256 of the address that was tried, whether it has an account or not. */
export const loginFailures = pgTable(
  'login_failures',
  {
    key: sha256().primaryKey(),
    failures: integer().notNull(),
    windowEndsAt: time('window_ends_at').notNull(),
  },
  (t) => [
    index('login_failures_over_idx').on(t.windowEndsAt),
    check('login_failures_key', sql`octet_length(${t.key}) = 32`),
    check('login_failures_failures', sql`${t.failures} > 0`),
  ],
)
