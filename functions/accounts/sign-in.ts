import { unmatchableHash } from '#shared/password/password.ts'
import type { Hasher } from './hasher.ts'
import type { Account, AccountsStore } from './store.ts'

export type SignIn =
  | { readonly outcome: 'succeeded'; readonly account: Account; readonly sessionId: string }
  | { readonly outcome: 'wrong_credentials' }
  | { readonly outcome: 'throttled'; readonly retryAfterSeconds: number }

/**
 * Opens a session for whoever knows the password. An unknown email costs and counts the same as a wrong password, so nobody
 * learns from it who has an account.
 */
export async function signIn(
  { store, hasher }: { readonly store: AccountsStore; readonly hasher: Hasher },
  { email, password, refreshToken }: { readonly email: string; readonly password: string; readonly refreshToken: string },
): Promise<SignIn> {
  const { account, retryAfterSeconds } = await store.findForLogin(email)
  if (retryAfterSeconds !== undefined) return { outcome: 'throttled', retryAfterSeconds }
  const isRight = await hasher.verify(account?.passwordHash ?? unmatchableHash, password)
  if (!account || !isRight) return orThrottled(await store.countFailure(email))
  const opened = await store.openSession(account, refreshToken)
  return opened.sessionId === undefined
    ? orThrottled(opened.retryAfterSeconds)
    : { outcome: 'succeeded', account, sessionId: opened.sessionId }
}

const orThrottled = (retryAfterSeconds: number | undefined): SignIn =>
  retryAfterSeconds === undefined ? { outcome: 'wrong_credentials' } : { outcome: 'throttled', retryAfterSeconds }
