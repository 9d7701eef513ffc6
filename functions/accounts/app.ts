import type { Jwks } from '#shared/auth/jwks.ts'
import { ACCESS_TOKEN_SECONDS } from '#shared/auth/user-token.ts'
import type { User } from '#shared/http/app-env.ts'
import { createApp } from '#shared/http/create-app.ts'
import { contentTag, isUnmodified } from '#shared/http/etag.ts'
import type { Log } from '#shared/log/log.ts'
import type { Hasher } from './hasher.ts'
import { publishedKeys } from './keys.ts'
import { logins, refreshes, registrations } from './metrics.ts'
import { emailTaken, sessionOver, tooManyFailures, wrongCredentials } from './problems.ts'
import { getKeys, login, logout, refresh, register } from './routes.ts'
import { signIn } from './sign-in.ts'
import type { Account, AccountsStore } from './store.ts'

export type Deps = {
  readonly store: AccountsStore
  readonly hasher: Hasher
  /** Signs an access token. */
  readonly sign: (user: User) => Promise<string>
  readonly newRefreshToken: () => string
  readonly jwks: Jwks
  readonly log: Log
}

const noStore = { 'cache-control': 'no-store' }

/** Registers people, logs them in and keeps their sessions. */
export function accountsApp({ store, hasher, sign, newRefreshToken, jwks, log }: Deps) {
  const app = createApp({ name: 'accounts', log, jwks })
  const keys = publishedKeys(jwks)
  const keysTag = contentTag(JSON.stringify(keys))

  app.openapi(register, async (c) => {
    const { email, password, name = null } = c.req.valid('json')
    const refreshToken = newRefreshToken()
    const made = await store.register({ email, passwordHash: await hasher.hash(password), name, refreshToken })
    registrations.add(1, { outcome: made ? 'registered' : 'email_taken' })
    if (!made) throw emailTaken()
    const { account, sessionId } = made
    return c.json({ ...(await tokens(account, sessionId, refreshToken)), account: accountView(account) }, 201, noStore)
  })

  app.openapi(login, async (c) => {
    const refreshToken = newRefreshToken()
    const result = await signIn({ store, hasher }, { ...c.req.valid('json'), refreshToken })
    logins.add(1, { outcome: result.outcome })
    if (result.outcome === 'throttled') throw tooManyFailures(result.retryAfterSeconds)
    if (result.outcome === 'wrong_credentials') throw wrongCredentials()
    const { account, sessionId } = result
    return c.json({ ...(await tokens(account, sessionId, refreshToken)), account: accountView(account) }, 200, noStore)
  })

  app.openapi(refresh, async (c) => {
    const next = newRefreshToken()
    const rotation = await store.rotate(c.req.valid('json').refreshToken, next)
    refreshes.add(1, { outcome: rotation.outcome })
    if (rotation.outcome === 'reused')
      c.var.log.warn({ sessionId: rotation.sessionId }, 'a refresh token was used twice: its session is over')
    if (rotation.outcome !== 'rotated') throw sessionOver()
    const { id, accountId, roles } = rotation.session
    return c.json(await tokens({ id: accountId, roles }, id, next), 200, noStore)
  })

  app.openapi(logout, async (c) => {
    await store.endSession(c.req.valid('json').refreshToken)
    return c.body(null, 204, noStore)
  })

  app.openapi(getKeys, (c) => {
    c.header('cache-control', 'public, max-age=300')
    return isUnmodified(c, keysTag) ? c.body(null, 304) : c.json(keys, 200)
  })

  async function tokens({ id, roles }: Pick<Account, 'id' | 'roles'>, sessionId: string, refreshToken: string) {
    const accessToken = await sign({ id, roles, sessionId })
    return { accessToken, tokenType: 'Bearer' as const, expiresIn: ACCESS_TOKEN_SECONDS, refreshToken }
  }

  return app
}

const accountView = ({ id, email, roles, createdAt }: Account) => ({ id, email, roles, createdAt: createdAt.toISOString() })
