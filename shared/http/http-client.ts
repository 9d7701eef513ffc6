import { measureCall } from './measure-call.ts'
import { openPool } from './pool.ts'

const TIMEOUT_MS = 2_000
/** A function that starts from zero answers its first caller late. */
const FIRST_TIMEOUT_MS = 8_000

/** A status with what came as JSON, if anything did. */
export type HttpAnswer = { readonly status: number; readonly body: unknown }

/** Calls one other function with JSON over a kept pool of connections. */
export type HttpClient = {
  /** Posts `body`; rejects when no answer came in time or `signal` was aborted. A status is the caller's to judge. */
  readonly post: (path: string, body?: unknown, options?: { timeoutMs?: number; signal?: AbortSignal }) => Promise<HttpAnswer>
  readonly close: () => Promise<void>
}

/** The client of the function `peer` at `url`; `token` gives the service token each call carries. */
export function httpClient(peer: string, url: string, token: () => Promise<string>, { connections = 8 } = {}): HttpClient {
  const pool = openPool(url, { connections, connect: { timeout: FIRST_TIMEOUT_MS } })
  let answered = false
  return {
    post: (path, body, { timeoutMs = answered ? TIMEOUT_MS : FIRST_TIMEOUT_MS, signal } = {}) =>
      measureCall(peer, 'POST', async (traceparent, heard) => {
        const authorization = `Bearer ${await token()}`
        const response = await pool.request({
          path,
          method: 'POST',
          headers: { authorization, traceparent, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          body: body === undefined ? null : JSON.stringify(body),
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
        })
        heard(response.statusCode)
        const text = await response.body.text()
        answered = true
        // What stands between functions answers in plain text when the other one cannot be reached.
        const isJson = /^application\/(.+\+)?json\b/.test(String(response.headers['content-type']))
        return { status: response.statusCode, body: isJson ? JSON.parse(text) : undefined }
      }),
    close: () => pool.close(),
  }
}
