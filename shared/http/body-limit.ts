import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Problem, problems } from '#shared/problem/problem.ts'
import { MAX_BODY_BYTES } from './limits.ts'

/** Refuses bodies over 1 MiB, also those that do not say their length. */
export const limitBody = (maxSize = MAX_BODY_BYTES): MiddlewareHandler =>
  bodyLimit({
    maxSize,
    onError: () => {
      // The rest of the body is never read, so the connection cannot be used again.
      throw new Problem(problems.bodyTooLarge, `A body may have at most ${maxSize} bytes`, { headers: { connection: 'close' } })
    },
  })
