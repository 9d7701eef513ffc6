import type * as z from 'zod'
import { parseSettings, type serverSettings } from '#shared/config/settings.ts'
import { createLog, type Log } from '#shared/log/log.ts'
import { countStart } from '#shared/telemetry/process.ts'
import { startTelemetry } from '#shared/telemetry/telemetry.ts'
import type { Listener } from './listener.ts'

type Settings<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>

/** What a function is given when it starts. */
export type Start<Shape extends z.ZodRawShape> = {
  readonly settings: Settings<Shape>
  readonly log: Log
  /** Aborted when the process is told to end: long work should come to a safe point. */
  readonly stopping: AbortSignal
}

/** What a function hands back: how to listen, and how to let go of what it opened. */
export type Parts = { readonly listen: (options: ListenOptions) => Promise<Listener>; readonly close: () => Promise<void> }

export type ListenOptions = { readonly host: string; readonly port: number; readonly onAnswer: () => void }

/** Requests under way may take this long after SIGTERM; what is then still open is cut. */
const DRAIN_MS = 4_000
const EXIT_MS = 4_800

/**
 * Runs a function: settings, log, telemetry, listener, and a clean end. On SIGTERM or SIGINT (or when the supervisor that
 * started it is gone) it stops accepting, finishes what is under way, flushes metrics and exits 0 within 5 seconds.
 */
export function run<Shape extends z.ZodRawShape & typeof serverSettings>(
  name: string,
  shape: Shape,
  start: (context: Start<Shape>) => Parts,
): void {
  const settings = read(shape)
  const log = createLog(name, settings.LOG_LEVEL)
  const stopping = new AbortController()
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'uncaught error')
    process.exit(1)
  })

  const parts = start({ settings, log, stopping: stopping.signal })
  const listening = parts.listen({ host: settings.HOST, port: settings.PORT, onAnswer: () => telemetry.answered() })
  // After the function's own port, which somebody may be waiting for.
  const telemetry = startTelemetry(name, { host: settings.HOST, port: settings.METRICS_PORT, log })
  listening.then(
    ({ port }) => {
      countStart()
      log.info({ port }, 'listening')
    },
    (err: unknown) => {
      log.fatal({ err }, `cannot listen on port ${settings.PORT}`)
      process.exit(1)
    },
  )

  const stop = (reason: string) => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort(new Error(reason))
    log.info({ reason }, 'stopping')
    setTimeout(() => process.exit(1), EXIT_MS).unref()
    const end = async () => {
      const listener = await listening
      await listener.close(DRAIN_MS)
      await parts.close()
      await telemetry.close()
    }
    end().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  if (process.connected) process.on('disconnect', () => stop('the supervisor is gone'))
}

function read<Shape extends z.ZodRawShape & typeof serverSettings>(shape: Shape): Settings<Shape> & Settings<typeof serverSettings> {
  try {
    return parseSettings(shape, process.env) as Settings<Shape> & Settings<typeof serverSettings>
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}
