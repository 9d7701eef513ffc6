import { createServer, type Server } from 'node:http'
import type { Log } from '#shared/log/log.ts'
import { attachMeter } from './metrics.ts'
import type { Sdk } from './sdk.ts'

/** Loading the SDK holds the event loop for tens of milliseconds: wait for a quiet moment, but not for ever. */
const QUIET_MS = 1_000
const LATEST_MS = 5_000

export type Telemetry = {
  /** Tells that a request was answered: the SDK is loaded in the quiet after it. */
  readonly answered: () => void
  readonly close: () => Promise<void>
}

/**
 * Serves metrics on their own port. The SDK is loaded after the first answers, or at once by a scrape or when traces are
 * exported; whatever was measured before is counted all the same.
 */
export function startTelemetry(name: string, options: { host: string; port: number; log: Log }): Telemetry {
  let sdk: Promise<Sdk> | undefined
  let quiet: NodeJS.Timeout | undefined
  const load = () => {
    clearTimeout(quiet)
    clearTimeout(latest)
    sdk ??= import('#shared/telemetry/sdk.ts').then(({ startSdk }) => {
      const started = startSdk(name)
      attachMeter(started.meter)
      return started
    })
    return sdk
  }
  const loadInBackground = () => void load().catch((err: unknown) => options.log.error({ err }, 'telemetry did not start'))
  const latest = setTimeout(loadInBackground, LATEST_MS).unref()
  if (process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined) loadInBackground()

  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    load().then(
      ({ scrape }) => scrape(request, response),
      () => response.writeHead(500).end(),
    )
  })
  server.on('error', (err) => options.log.fatal({ err }, `metrics cannot be served on port ${options.port}`) ?? process.exit(1))
  server.listen(options.port, options.host)

  return {
    answered: () => {
      if (sdk) return
      if (quiet) quiet.refresh()
      else quiet = setTimeout(loadInBackground, QUIET_MS).unref()
    },
    close: async () => {
      clearTimeout(quiet)
      clearTimeout(latest)
      await closeServer(server)
      const loaded = await sdk?.catch(() => undefined)
      await loaded?.shutdown()
    },
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
