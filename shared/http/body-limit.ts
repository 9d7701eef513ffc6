import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Problem, problems } from '#shared/problem/problem.ts'
import { MAX_BODY_BYTES } from './limits.ts'

/** Refuses bodies over 1 MiB, also those that do not say their length. */
export function limitBody(maxSize = MAX_BODY_BYTES): MiddlewareHandler {
  const refuse = () => {
    // The rest of the body is never read, so the connection cannot be used again.
    throw new Problem(problems.bodyTooLarge, `A body may have at most ${maxSize} bytes`, { headers: { connection: 'close' } })
  }
  // It asks for the stream of the body, for which a whole Request of the Fetch standard has to be loaded and made.
  const count = bodyLimit({ maxSize, onError: refuse })
  return (c, next) => {
    const told = c.req.header('content-length')
    const isTold = told !== undefined || c.req.method === 'GET' || c.req.method === 'HEAD'
    if (!isTold || c.req.header('transfer-encoding') !== undefined) return count(c, next)
    if (Number(told ?? 0) > maxSize) refuse()
    return next()
  }
}
