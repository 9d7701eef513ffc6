import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { AppEnv } from './app-env.ts'
import { measureRequest } from './measure-request.ts'

/** Measures each request by route, method and status; an unknown path falls into one series (OpenTelemetry HTTP conventions). */
export const observeRequest = (): MiddlewareHandler<AppEnv> => async (c, next) => {
  const measured = measureRequest(c.req.method)
  try {
    await next()
  } finally {
    measured(routePath(c, -1), c.res.status)
  }
}
