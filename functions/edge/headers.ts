import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

type Headers = Record<string, string | string[]>

/** Meant for one connection only (RFC 9110, 7.6.1), besides those that `Connection` names. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** The headers of an answer that are meant for whoever asked. */
export function endToEnd(headers: IncomingHttpHeaders): Headers {
  const dropped = new Set(HOP_BY_HOP)
  for (const name of headers.connection?.split(',') ?? []) dropped.add(name.trim().toLowerCase())
  const kept: Headers = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !dropped.has(name)) kept[name] = value
  }
  return kept
}

/** The headers of a request as its function gets them: who asked and for which host, and the request's id. */
export function towardsFunction(request: IncomingMessage, requestId: string): Headers {
  // The client made `Host` and `Expect` for this server, which has answered the latter.
  const { host, expect: _, ...headers } = endToEnd(request.headers)
  const { 'x-forwarded-for': before, 'x-forwarded-proto': proto, via } = request.headers
  return {
    ...headers,
    'x-request-id': requestId,
    'x-forwarded-for': join(before, request.socket.remoteAddress),
    'x-forwarded-proto': proto === 'https' ? 'https' : 'http',
    ...(host === undefined ? {} : { 'x-forwarded-host': host }),
    via: join(via, '1.1 edge'),
  }
}

const join = (before: string | string[] | undefined, last = 'unknown') => [before ?? [], last].flat().join(', ')
