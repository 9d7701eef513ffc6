import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { histogram, upDownCounter } from '#shared/telemetry/metrics.ts'
import type { AppEnv } from './app-env.ts'

const duration = histogram('http.server.request.duration', { description: 'Duration of HTTP server requests', unit: 's' })
const active = upDownCounter('http.server.active_requests', { description: 'Requests under way', unit: '{request}' })

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Measures each request by route, method and status; an unknown path or method falls into one series (OpenTelemetry HTTP conventions). */
export const observeRequest = (): MiddlewareHandler<AppEnv> => async (c, next) => {
  const start = performance.now()
  const method = METHODS.has(c.req.method) ? c.req.method : '_OTHER'
  active.add(1, { 'http.request.method': method })
  try {
    await next()
  } finally {
    active.add(-1, { 'http.request.method': method })
    duration.record((performance.now() - start) / 1000, {
      'http.request.method': method,
      'http.route': routePath(c, -1),
      'http.response.status_code': c.res.status,
      'url.scheme': 'http',
    })
  }
}
