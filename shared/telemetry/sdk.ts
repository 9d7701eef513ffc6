import type { IncomingMessage, ServerResponse } from 'node:http'
import { metrics } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { attachMeter } from './metrics.ts'

/** A running SDK: `scrape` answers in the Prometheus text format, `shutdown` flushes and ends it. */
export type Sdk = { readonly scrape: (request: IncomingMessage, response: ServerResponse) => void; readonly shutdown: () => Promise<void> }

/** Starts the OpenTelemetry SDK and hands it what was measured so far. Costly to load: `telemetry.ts` decides when. */
export function startSdk(serviceName: string): Sdk {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const exportsTraces = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined
  const sdk = new NodeSDK({
    serviceName,
    autoDetectResources: false,
    metricReaders: [exporter],
    logRecordProcessors: [],
    ...(exportsTraces ? {} : { spanProcessors: [] }),
  })
  sdk.start()
  attachMeter(metrics.getMeter('shop'))
  return { scrape: (request, response) => exporter.getMetricsRequestHandler(request, response), shutdown: () => sdk.shutdown() }
}
