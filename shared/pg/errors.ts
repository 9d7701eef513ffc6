const UNAVAILABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
])

/** The SQLSTATE or connection error code in an error or its causes. */
export function databaseCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code
  }
  return undefined
}

/** True for the SQLSTATE of a unique index that refused a row; `constraint` narrows it to one index. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && current.code === '23505') {
      return constraint === undefined || ('constraint_name' in current && current.constraint_name === constraint)
    }
  }
  return false
}

/** True when the database could not be reached, is starting or shutting down, or has no connection left: worth another try later. */
export function isUnavailable(error: unknown): boolean {
  const code = databaseCode(error)
  return code !== undefined && (UNAVAILABLE.has(code) || code.startsWith('08') || code.startsWith('57P') || code === '53300')
}
