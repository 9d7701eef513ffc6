import pino from 'pino'

export type Log = pino.Logger

/** JSON lines on stdout. Callers log ids and outcomes, never bodies; what still slips through under these names is redacted. */
export const createLog = (name: string, level = 'info'): Log =>
  pino({
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['*.password', '*.token', '*.authorization', '*.email', 'password', 'token', 'authorization', 'email'], remove: true },
    serializers: { err: describeError },
  })

/** An error as the log keeps it: the chain of causes with stacks, without SQL parameters (they may hold personal data). */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const code = 'code' in error ? { code: error.code } : {}
  const safe = message.replace(/\nparams: [\s\S]*$/, '')
  return {
    type: name,
    message: safe,
    stack: stack?.replace(message, safe),
    ...code,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  }
}
