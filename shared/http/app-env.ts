import type { Log } from '#shared/log/log.ts'

/** A person as the access token names them. */
export type User = { readonly id: string; readonly roles: readonly string[]; readonly sessionId: string }

/**
 * What a handler finds in `c.var`. `user` is there only behind an access rule for users, `caller` (the calling
 * function) only behind one for services.
 */
export type AppEnv = { Variables: { requestId: string; log: Log; user: User; caller: string } }
