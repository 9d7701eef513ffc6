const UNAVAILABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
])

/** The SQLSTATE or connection error code in an error or its causes. */
function codeOf(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code
  }
  return undefined
}

/** True when the database could not be reached, is starting or shutting down, or has no connection left: worth another try later. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && (UNAVAILABLE.has(code) || code.startsWith('08') || code.startsWith('57P') || code === '53300')
}
