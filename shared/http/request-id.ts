import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Log } from '#shared/log/log.ts'
import type { AppEnv } from './app-env.ts'

const PLAIN = /^[A-Za-z0-9_-]{8,64}$/

/** The caller's own request id when it is plain enough to log, else a new one. */
export const chooseRequestId = (given: string | undefined): string => (given !== undefined && PLAIN.test(given) ? given : randomUUID())

/** Gives each request an id and a log that carries it. */
export const requestId =
  (log: Log): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const id = chooseRequestId(c.req.header('x-request-id'))
    c.set('requestId', id)
    c.set('log', log.child({ requestId: id }))
    await next()
    c.res.headers.set('x-request-id', id)
  }
