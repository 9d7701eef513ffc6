import type { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'

type ResourceMetrics = Parameters<PrometheusSerializer['serialize']>[0]
type Metric = ResourceMetrics['scopeMetrics'][number]['metrics'][number]

const UNITS: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes' }

/**
 * Names metrics as Prometheus users expect them: `http.server.request.duration` in `s` becomes `http_server_request_duration_seconds`
 * (OpenTelemetry's "UnderscoreEscapingWithSuffixes", which the exporter does only in part). Annotations such as `{request}` name
 * no unit and add nothing.
 */
export const withUnitsInNames = ({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics => ({
  resource,
  scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.map(withUnitInName) })),
})

function withUnitInName(metric: Metric): Metric {
  const { name, unit } = metric.descriptor
  const suffix = UNITS[unit] ?? ''
  const named = suffix === '' || name.endsWith(suffix) ? name : `${name}_${suffix}`
  return { ...metric, descriptor: { ...metric.descriptor, name: named, unit: suffix } }
}
