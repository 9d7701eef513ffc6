import pino from 'pino'
import { currentSpan } from '#shared/telemetry/trace.ts'

export type Log = pino.Logger

/** JSON lines on stdout. Callers log ids and outcomes, never bodies; what still slips through under these names is redacted. */
export const createLog = (name: string, level = 'info', destination: pino.DestinationStream = pino.destination(1)): Log =>
  pino(
    {
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['*.password', '*.token', '*.authorization', '*.email', 'password', 'token', 'authorization', 'email'],
        remove: true,
      },
      serializers: { err: describeError },
      mixin: () => {
        const span = currentSpan()
        return span ? { trace_id: span.traceId, span_id: span.spanId } : {}
      },
    },
    destination,
  )

/** An error as the log keeps it: the chain of causes with stacks, without SQL parameters (they may hold personal data). */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, cause } = error
  const code = 'code' in error ? { code: error.code } : {}
  const message = error.message.replace(/\nparams: [\s\S]*$/, '')
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? []
  return {
    type: name,
    message,
    // The stack repeats the message, parameters and all: only its frames are taken over.
    stack: [`${name}: ${message}`, ...frames].join('\n'),
    ...code,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  }
}
