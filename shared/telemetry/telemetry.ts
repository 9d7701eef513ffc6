import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Log } from '#shared/log/log.ts'
import { attachMeter } from './metrics.ts'
import { measureProcess } from './process.ts'
import type { Sdk } from './sdk.ts'
import { recordSpans } from './trace.ts'

/** Loading the SDK holds the event loop for tens of milliseconds: wait for a quiet moment, but not for ever. */
const QUIET_MS = 1_000
const LATEST_MS = 5_000

export type TelemetryOptions = {
  readonly host: string
  readonly port: number
  readonly log: Log
  /** Loads and starts the SDK for the function of that name. */
  readonly loadSdk?: (name: string) => Promise<Sdk>
}

export type Telemetry = {
  /** Tells that a request was answered: the SDK is loaded in the quiet after it. */
  readonly answered: () => void
  readonly close: () => Promise<void>
}

/**
 * Serves metrics on their own port. The SDK is loaded after the first answers, or at once by a scrape or when traces are
 * exported; whatever was measured before is counted all the same. A function whose SDK does not load goes on without metrics.
 */
export function startTelemetry(name: string, { host, port, log, loadSdk = importSdk }: TelemetryOptions): Telemetry {
  const start = async (): Promise<Sdk | undefined> => {
    try {
      const started = await loadSdk(name)
      attachMeter(started.meter)
      recordSpans(started.recorder)
      return started
    } catch (err) {
      log.error({ err }, 'telemetry did not start')
      attachMeter(undefined)
      return undefined
    }
  }
  measureProcess()
  let sdk: Promise<Sdk | undefined> | undefined
  let quiet: NodeJS.Timeout | undefined
  const load = () => {
    clearTimeout(quiet)
    clearTimeout(latest)
    sdk ??= start()
    return sdk
  }
  const latest = setTimeout(() => void load(), LATEST_MS).unref()
  if (process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined) void load()

  const scrape = async (response: ServerResponse) => {
    const loaded = await load()
    if (!loaded) return response.writeHead(500).end()
    const { text, errors } = await loaded.scrape()
    for (const err of errors) log.error({ err }, 'a metric could not be read')
    return response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
  }
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    scrape(response).catch((err: unknown) => {
      log.error({ err }, 'metrics could not be read')
      response.writeHead(500).end()
    })
  })
  server.on('error', (err) => {
    log.fatal({ err }, `metrics cannot be served on port ${port}`)
    process.exit(1)
  })
  server.listen(port, host)

  return {
    answered: () => {
      if (sdk) return
      if (quiet) quiet.refresh()
      else quiet = setTimeout(() => void load(), QUIET_MS).unref()
    },
    close: async () => {
      clearTimeout(quiet)
      clearTimeout(latest)
      await closeServer(server)
      await (await sdk)?.shutdown()
    },
  }
}

const importSdk = async (name: string) => (await import('#shared/telemetry/sdk.ts')).startSdk(name)

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
