import { type Meter, metrics } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { withUnitsInNames } from './prometheus-names.ts'

/** A running SDK: `scrape` gives all metrics in the text format of Prometheus, `shutdown` flushes and ends it. */
export type Sdk = {
  readonly meter: Meter
  readonly scrape: () => Promise<{ readonly text: string; readonly errors: readonly unknown[] }>
  readonly shutdown: () => Promise<void>
}

/**
 * Starts the OpenTelemetry SDK. Costly to load, so `telemetry.ts` decides when; it is a bundle of its own, which must
 * share no module with state with the function's.
 */
export function startSdk(serviceName: string): Sdk {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const serializer = new PrometheusSerializer()
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
    scrape: async () => {
      const { resourceMetrics, errors } = await exporter.collect()
      return { text: serializer.serialize(withUnitsInNames(resourceMetrics)), errors }
    },
    shutdown: () => sdk.shutdown(),
  }
}
