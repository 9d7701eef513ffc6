import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { parseTraceparent, startSpan } from '#shared/telemetry/trace.ts'
import type { AppEnv } from './app-env.ts'
import { measureRequest, methodLabel } from './measure-request.ts'

/**
 * Measures each request by route, method and status, and makes it a span of its caller's trace; an unknown path falls into
 * one series (OpenTelemetry HTTP conventions).
 */
export const observeRequest = (): MiddlewareHandler<AppEnv> => async (c, next) => {
  const measured = measureRequest(c.req.method)
  const method = methodLabel(c.req.method)
  const span = startSpan('server', method, { parent: parseTraceparent(c.req.header('traceparent')) })
  try {
    await span.run(next)
  } finally {
    const route = routePath(c, -1)
    const { status } = c.res
    measured(route, status)
    span.end({
      name: `${method} ${route}`,
      attributes: { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status },
      ...(status >= 500 ? { error: c.error ?? new Error(`answered ${status}`) } : {}),
    })
  }
}
