import { histogram, upDownCounter } from '#shared/telemetry/metrics.ts'

const duration = histogram('http.server.request.duration', { description: 'Duration of HTTP server requests', unit: 's' })
const active = upDownCounter('http.server.active_requests', { description: 'Requests under way', unit: '{request}' })

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** A method as a label: whatever is not known falls into one series. */
export const methodLabel = (method: string): string => (METHODS.has(method) ? method : '_OTHER')

/** Counts a request as under way until the function it returns is called with its route and status; odd methods fall into one series. */
export function measureRequest(given: string): (route: string, status: number) => void {
  const start = performance.now()
  const method = methodLabel(given)
  active.add(1, { 'http.request.method': method })
  return (route, status) => {
    active.add(-1, { 'http.request.method': method })
    duration.record((performance.now() - start) / 1000, {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'url.scheme': 'http',
    })
  }
}
