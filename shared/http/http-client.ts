import { histogram } from '#shared/telemetry/metrics.ts'
import { openPool } from './pool.ts'

const duration = histogram('http.client.request.duration', { description: 'Duration of calls to other functions', unit: 's' })

const TIMEOUT_MS = 2_000
/** A function that starts from zero answers its first caller late. */
const FIRST_TIMEOUT_MS = 8_000

export type HttpAnswer = { readonly status: number; readonly body: unknown }

/** Calls one other function with JSON over a kept pool of connections. */
export type HttpClient = {
  /** Posts `body`; rejects when no answer came in time or `signal` was aborted. A status is the caller's to judge. */
  readonly post: (path: string, body?: unknown, options?: { timeoutMs?: number; signal?: AbortSignal }) => Promise<HttpAnswer>
  readonly close: () => Promise<void>
}

/** `token` gives the service token each call carries. */
export function httpClient(url: string, token: () => Promise<string>, { connections = 8 } = {}): HttpClient {
  const pool = openPool(url, { connections, connect: { timeout: FIRST_TIMEOUT_MS } })
  let answered = false
  return {
    post: async (path, body, { timeoutMs = answered ? TIMEOUT_MS : FIRST_TIMEOUT_MS, signal } = {}) => {
      const start = performance.now()
      const attributes: Record<string, string | number> = { 'http.request.method': 'POST', 'server.address': new URL(url).hostname }
      try {
        const response = await pool.request({
          path,
          method: 'POST',
          headers: { authorization: `Bearer ${await token()}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          body: body === undefined ? null : JSON.stringify(body),
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
        })
        attributes['http.response.status_code'] = response.statusCode
        const text = await response.body.text()
        answered = true
        return { status: response.statusCode, body: text === '' ? undefined : JSON.parse(text) }
      } catch (error) {
        attributes['error.type'] = error instanceof Error ? error.name : 'other'
        throw error
      } finally {
        duration.record((performance.now() - start) / 1000, attributes)
      }
    },
    close: () => pool.close(),
  }
}
