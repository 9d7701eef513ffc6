import type { MiddlewareHandler } from 'hono'
import { randomUUID } from 'node:crypto'
import type { Log } from '#shared/log/log.ts'
import type { AppEnv } from './app-env.ts'

const PLAIN = /^[A-Za-z0-9_-]{8,64}$/

/** Gives each request an id, the caller's own when it is plain enough to log, and a log that carries it. */
export const requestId =
  (log: Log): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const given = c.req.header('x-request-id')
    const id = given !== undefined && PLAIN.test(given) ? given : randomUUID()
    c.set('requestId', id)
    c.set('log', log.child({ requestId: id }))
    await next()
    c.res.headers.set('x-request-id', id)
  }
