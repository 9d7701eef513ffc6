import { type SQL, sql } from 'drizzle-orm'
import { registerPerson } from '#db/users/register.ts'
import type { Pg } from '#shared/pg/pg.ts'
import { sha256 } from './refresh-token.ts'

export type Role = 'customer' | 'staff' | 'admin'
export type Account = { id: string; email: string; roles: Role[]; createdAt: Date }
export type Session = { id: string; accountId: string; roles: Role[] }

const FAILURES = 10
const WINDOW = sql.raw(`interval '15 minutes'`)
const REFRESH_TOKEN_LIFETIME = sql.raw(`interval '30 days'`)

type AccountRow = { id: string; email: string; roles: Role[]; created_at: string }
const accountColumns = sql.raw(`a.id, a.email, to_jsonb(a.roles) as roles, a.created_at`)
const toAccount = ({ id, email, roles, created_at }: AccountRow): Account => ({ id, email, roles, createdAt: new Date(created_at) })

const p = (name: string) => sql.placeholder(name)

/** Puts a refresh token into the session of the expression before it, named `session`. */
const withToken = (session: SQL) => sql`
  ${session},
  refresh_token as (
    insert into refresh_tokens (hash, session_id, expires_at)
    select ${p('tokenHash')}::bytea, id, now() + ${REFRESH_TOKEN_LIFETIME} from session
  )`

const blocked = sql`
  select ceil(extract(epoch from window_ends_at - now()))::int as retry_after
  from login_failures where key = ${p('key')} and failures >= ${sql.raw(String(FAILURES))} and window_ends_at > now()`

const registering = sql`
  with ${registerPerson({ email: p('email'), passwordHash: p('passwordHash'), roles: '["customer"]', name: p('name') })},
  ${withToken(sql`session as (insert into sessions (account_id) select id from account returning id)`)}
  select ${accountColumns}, session.id as session_id from account a cross join session`

const finding = sql`
  select ${accountColumns}, a.password_hash, blocked.retry_after
  from (select) as always
  left join (${blocked}) blocked on true
  left join accounts a on a.email = ${p('email')}`

/** Opens nothing once the email is blocked or the password is another one: logins at once cannot get past the count. */
const opening = sql`
  with blocked as (${blocked}),
  ${withToken(sql`session as (
    insert into sessions (account_id)
    select id from accounts
    where id = ${p('accountId')} and password_hash = ${p('passwordHash')} and not exists (select from blocked)
    returning id
  )`)},
  forgiven as (delete from login_failures where key = ${p('key')} and exists (select from session))
  select (select id from session) as session_id, (select retry_after from blocked) as retry_after`

/** Takes a few windows that are over away with it, so that the table stays as small as the attacks of today. */
const failing = sql`
  with over as (
    delete from login_failures where key in (
      select key from login_failures where window_ends_at < now() and key <> ${p('key')}
      order by window_ends_at limit 5 for update skip locked
    )
  )
  insert into login_failures as f (key, failures, window_ends_at) values (${p('key')}, 1, now() + ${WINDOW})
  on conflict (key) do update set
    failures = case when f.window_ends_at > now() then f.failures + 1 else 1 end,
    window_ends_at = case when f.window_ends_at > now() then f.window_ends_at else excluded.window_ends_at end
  returning failures, ceil(extract(epoch from window_ends_at - now()))::int as retry_after`

/** Marks the token used, and by what it was before either moves its session on with the next token or ends it. */
const rotating = sql`
  with used as (
    update refresh_tokens set used_at = coalesce(used_at, now())
    where hash = ${p('usedHash')} and (used_at is not null or expires_at > now())
    returning session_id, old.used_at is not null as again
  ),
  moved as (
    update sessions s set
      refreshed_at = case when used.again then s.refreshed_at else now() end,
      ended_at = case when used.again then now() end
    from used
    where s.id = used.session_id and s.ended_at is null
    returning s.id, s.account_id, used.again
  ),
  ${withToken(sql`session as (select id from moved where not again)`)}
  select moved.id, moved.account_id, moved.again, to_jsonb(a.roles) as roles from moved join accounts a on a.id = moved.account_id`

const ending = sql`
  update sessions set ended_at = now()
  where id = (select session_id from refresh_tokens where hash = ${p('tokenHash')}) and ended_at is null`

type Found = { [K in keyof AccountRow]: AccountRow[K] | null } & { password_hash: string | null; retry_after: number | null }
export type Rotation = { outcome: 'rotated'; session: Session } | { outcome: 'reused'; sessionId: string } | { outcome: 'refused' }

export type AccountsStore = ReturnType<typeof accountsStore>

/** Accounts, their sessions and their failed logins. Tokens and the emails that were tried are stored as digests only. */
export function accountsStore(pg: Pg) {
  const register = pg.statement<AccountRow & { session_id: string }>('accounts.register', registering)
  const find = pg.statement<Found>('accounts.find', finding)
  const open = pg.statement<{ session_id: string | null; retry_after: number | null }>('accounts.open-session', opening)
  const fail = pg.statement<{ failures: number; retry_after: number }>('accounts.count-failure', failing)
  const rotate = pg.statement<{ id: string; account_id: string; again: boolean; roles: Role[] }>('accounts.rotate', rotating)
  const end = pg.statement('accounts.end-session', ending)

  return {
    /** The new account with its first session; `undefined` when the email is taken. */
    register: async ({ refreshToken, ...person }: { email: string; passwordHash: string; name: string | null; refreshToken: string }) => {
      const [row] = await register({ ...person, tokenHash: sha256(refreshToken) })
      return row && { account: toAccount(row), sessionId: row.session_id }
    },
    /** What a login with this email needs to know, whether or not there is an account. */
    findForLogin: async (email: string) => {
      const [row] = await find({ email, key: sha256(email) })
      const account = row?.password_hash ? { ...toAccount(row as AccountRow), passwordHash: row.password_hash } : undefined
      return { account, retryAfterSeconds: row?.retry_after ?? undefined }
    },
    /** A new session for an account whose password was right; none when its email is blocked by now, or its password another. */
    openSession: async ({ email, id, passwordHash }: Account & { passwordHash: string }, refreshToken: string) => {
      const [row] = await open({ accountId: id, passwordHash, key: sha256(email), tokenHash: sha256(refreshToken) })
      return { sessionId: row?.session_id ?? undefined, retryAfterSeconds: row?.retry_after ?? undefined }
    },
    /** Counts a failed login; for one too many, the seconds until the next can succeed. */
    countFailure: async (email: string): Promise<number | undefined> => {
      const [row] = await fail({ key: sha256(email) })
      return row && row.failures > FAILURES ? row.retry_after : undefined
    },
    /** Exchanges a refresh token for the next one. One that was used before ends its session, and with it the whole family. */
    rotate: async (refreshToken: string, next: string): Promise<Rotation> => {
      const [row] = await rotate({ usedHash: sha256(refreshToken), tokenHash: sha256(next) })
      if (!row) return { outcome: 'refused' }
      if (row.again) return { outcome: 'reused', sessionId: row.id }
      return { outcome: 'rotated', session: { id: row.id, accountId: row.account_id, roles: row.roles } }
    },
    /** Ends the session of a refresh token, used or not; an unknown token is no error. */
    endSession: async (refreshToken: string): Promise<void> => {
      await end({ tokenHash: sha256(refreshToken) })
    },
  }
}
