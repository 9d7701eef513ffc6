import { type Meter, metrics, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { withUnitsInNames } from './prometheus-names.ts'
import type { Recorder } from './trace.ts'

/** A running SDK: `scrape` gives all metrics in the text format of Prometheus, `shutdown` flushes and ends it. */
export type Sdk = {
  readonly meter: Meter
  /** Records spans; there only when traces are exported. */
  readonly recorder: Recorder | undefined
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
    instrumentations: [new RuntimeNodeInstrumentation()],
    ...(exportsTraces ? {} : { spanProcessors: [] }),
  })
  sdk.start()
  return {
    meter: metrics.getMeter('shop'),
    recorder: exportsTraces ? recordBySdk() : undefined,
    scrape: async () => {
      const { resourceMetrics, errors } = await exporter.collect()
      return { text: serializer.serialize(withUnitsInNames(resourceMetrics)), errors }
    },
    shutdown: () => sdk.shutdown(),
  }
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL }

function recordBySdk(): Recorder {
  const tracer = trace.getTracer('shop')
  return (begun, { kind, parent, attributes }) => {
    const above = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
    const span = tracer.startSpan(begun, { kind: kinds[kind], attributes }, above)
    return {
      context: span.spanContext(),
      end: ({ name, attributes: more, error }) => {
        if (name !== undefined) span.updateName(name)
        if (more) span.setAttributes(more)
        if (error !== undefined) {
          span.setStatus({ code: SpanStatusCode.ERROR })
          if (error instanceof Error) span.recordException(error)
        }
        span.end()
      },
    }
  }
}
