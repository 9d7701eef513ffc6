import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Meter, metrics } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { NodeSDK } from '@opentelemetry/sdk-node'

/** A running SDK: `scrape` answers in the Prometheus text format, `shutdown` flushes and ends it. */
export type Sdk = {
  readonly meter: Meter
  readonly scrape: (request: IncomingMessage, response: ServerResponse) => void
  readonly shutdown: () => Promise<void>
}

/**
 * Starts the OpenTelemetry SDK. Costly to load, so `telemetry.ts` decides when; it is a bundle of its own, which must
 * share no module with state with the function's.
 */
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
  return {
    meter: metrics.getMeter('shop'),
    scrape: (request, response) => exporter.getMetricsRequestHandler(request, response),
    shutdown: () => sdk.shutdown(),
  }
}
