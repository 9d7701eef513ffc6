import { onTestFinished } from 'vitest'
import { userTokenSigner } from '#shared/auth/user-token.ts'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { accountsApp } from './app.ts'
import { type Hasher, limitedHasher } from './hasher.ts'
import { newRefreshToken } from './refresh-token.ts'
import { accountsStore } from './store.ts'

export const ada = { email: 'ada@shop.example', password: 'correct horse battery' }

export type Login = {
  accessToken: string
  tokenType: string
  expiresIn: number
  refreshToken: string
  account: { id: string; email: string; roles: string[]; createdAt: string }
}

/** The real app on a real database. */
export async function setup({ hasher = limitedHasher() }: { hasher?: Hasher } = {}) {
  const { url, sql } = await freshDatabase('users')
  const pg = openPg(url, { name: 'accounts-test' })
  onTestFinished(pg.close)
  const identity = testIdentity()
  const app = accountsApp({
    store: accountsStore(pg),
    hasher,
    sign: userTokenSigner(identity.signingKey('accounts'), () => new Date()),
    newRefreshToken,
    jwks: identity.jwks,
    log: createLog('accounts', 'silent'),
  })
  const post = (path: string, body: unknown): Promise<Response> =>
    Promise.resolve(
      app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
  const register = async (person: object = ada) => (await (await post('/v1/auth/register', person)).json()) as Login
  const login = (password = ada.password, email = ada.email) => post('/v1/auth/login', { email, password })
  const refresh = (refreshToken: string) => post('/v1/auth/refresh', { refreshToken })
  /** How many rows each table has: what a refused request must not change. */
  const counts = async () => {
    const [row] = await sql`
      select (select count(*) from accounts)::int as accounts, (select count(*) from profiles)::int as profiles,
        (select count(*) from sessions)::int as sessions, (select count(*) from refresh_tokens)::int as tokens,
        (select count(*) from login_failures)::int as failures`
    return row
  }
  return { app, sql, identity, post, register, login, refresh, counts }
}
