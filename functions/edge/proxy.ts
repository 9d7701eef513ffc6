import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { MAX_BODY_BYTES } from '#shared/http/limits.ts'
import { measureCall } from '#shared/http/measure-call.ts'
import { type HttpPool, openPool } from '#shared/http/pool.ts'
import { Problem, problems, type ProblemType } from '#shared/problem/problem.ts'
import { endToEnd, towardsFunction } from './headers.ts'
import type { Upstream } from './routes.ts'

export type ProxyOptions = {
  /** How long a function may take to begin its answer; it may be one that starts from zero, or wait for its neighbours. */
  readonly answerTimeoutMs?: number
  /** How long an answer may pause, such as a stream of events with nothing to tell. */
  readonly pauseTimeoutMs?: number
}

export type Proxy = {
  /**
   * Streams a request to a function and its answer back; nothing is kept. Resolves when the answer is sent or the client is
   * gone, and rejects with the problem to answer with, or, once the answer has begun, with why it broke off.
   */
  readonly forward: (request: IncomingMessage, response: ServerResponse, target: Target) => Promise<void>
  readonly close: () => Promise<void>
}
export type Target = { readonly to: Upstream; readonly path: string; readonly requestId: string }

const gatewayTimeout: ProblemType = { code: 'gateway-timeout', status: 504, title: 'A service did not answer in time' }

const CONNECT_TIMEOUT_MS = 8_000

/** Keeps connections to the functions. None is opened before it is needed. */
export function openProxy(
  urls: Readonly<Record<Exclude<Upstream, 'payment-gateway'>, string> & { 'payment-gateway'?: string | undefined }>,
  { answerTimeoutMs = 30_000, pauseTimeoutMs = 60_000 }: ProxyOptions = {},
): Proxy {
  const open = (url: string) =>
    openPool(url, {
      connections: 256,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: answerTimeoutMs,
      bodyTimeout: pauseTimeoutMs,
    })
  const pools = Object.fromEntries(Object.entries(urls).flatMap(([name, url]) => (url === undefined ? [] : [[name, open(url)]]))) as Record<
    Upstream,
    HttpPool
  >

  return {
    forward: async (request, response, { to, path, requestId }) => {
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const attempt = (body: Body) =>
        measureCall(to, request.method ?? 'GET', (traceparent, answered) => {
          const headers = { ...towardsFunction(request, requestId), traceparent }
          return exchange(pools[to], request, response, { path, headers, body, signal: gone.signal, answered })
        })
      try {
        // A body that is refused makes no call, so none is measured.
        const body = bodyOf(request)
        await attempt(body).catch((error: unknown) => {
          if (response.headersSent || !isRepeatable(request) || !wasDropped(error)) throw error
          return attempt(body)
        })
      } catch (error) {
        if (gone.signal.aborted) return
        throw response.headersSent ? error : toProblem(error)
      }
    },
    close: async () => {
      await Promise.all(Object.values(pools).map((pool) => pool.destroy()))
    },
  }
}

type Body = Readable | null

async function exchange(
  pool: HttpPool,
  request: IncomingMessage,
  response: ServerResponse,
  {
    answered,
    ...call
  }: {
    path: string
    headers: Record<string, string | string[]>
    body: Body
    signal: AbortSignal
    answered: (status: number) => void
  },
) {
  const options = { ...call, method: request.method ?? 'GET' }
  await pool.stream(options, ({ statusCode, headers }) => {
    answered(statusCode)
    response.writeHead(statusCode, endToEnd(headers))
    // An answer of unknown length may be one that comes bit by bit: its head must not wait for the first.
    if (headers['content-length'] === undefined) response.flushHeaders()
    return response
  })
}

/**
 * The body as it comes. One that is too large is refused here already: a function that refuses it closes the connection, which
 * often breaks while the body is still being sent, and then its answer is lost.
 */
function bodyOf(request: IncomingMessage): Body {
  if (!hasBody(request)) return null
  const told = request.headers['content-length']
  if (told === undefined) return Readable.from(limited(request), { objectMode: false })
  if (Number(told) > MAX_BODY_BYTES) throw tooLarge()
  return request
}

async function* limited(request: IncomingMessage) {
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length
    if (size > MAX_BODY_BYTES) throw tooLarge()
    yield chunk as Buffer
  }
}

const tooLarge = () => new Problem(problems.bodyTooLarge, `A body may have at most ${MAX_BODY_BYTES} bytes`)

const hasBody = ({ headers }: IncomingMessage) => headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

const isRepeatable = (request: IncomingMessage) => (request.method === 'GET' || request.method === 'HEAD') && !hasBody(request)

/** True when a kept connection broke, most often because the function closed it while it was idle. */
const wasDropped = (error: unknown) => ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error))

function toProblem(cause: unknown): Problem {
  if (cause instanceof Problem) return cause
  const isLate = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT'].includes(codeOf(cause))
  return isLate
    ? new Problem(gatewayTimeout, undefined, { cause })
    : new Problem(problems.unavailable, undefined, { cause, headers: { 'retry-after': '1' } })
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '')
