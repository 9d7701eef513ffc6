import { parse } from 'yaml'
import { namesIn, read, sourcesIn } from './tree.ts'

const words = (text: string) => text.trim().split(/\s+/)

/** Of Knative 1.21 and newer: the activator, the autoscaler and the queue-proxy. */
const knative = words(`
  kn_serving_invocation_duration_seconds kn_serving_queue_depth
  kn_revision_request_concurrency kn_revision_request_queued kn_revision_request_active
  kn_activator_stats_conn_reachable kn_activator_stats_conn_errors_total
  kn_revision_pods_desired kn_revision_pods_requested kn_revision_pods_count
  kn_revision_pods_not_ready_count kn_revision_pods_pending_count kn_revision_pods_terminating_count
  kn_revision_concurrency_stable kn_revision_concurrency_panic kn_revision_concurrency_target
  kn_revision_rps_stable_per_second kn_revision_rps_panic_per_second kn_revision_rps_target_per_second
  kn_revision_panic_mode kn_revision_capacity_excess kn_autoscaler_scrape_duration_seconds
`)

/** Of the kubelet and kube-state-metrics. */
const kubernetes = words(`
  container_cpu_usage_seconds_total container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total
  container_memory_working_set_bytes
  kube_pod_container_resource_limits kube_pod_container_resource_requests kube_pod_container_status_restarts_total kube_pod_status_phase
  kubelet_volume_stats_available_bytes kubelet_volume_stats_capacity_bytes kubelet_volume_stats_used_bytes
`)

/** Of the PostgreSQL exporter itself. */
const postgres = words(`
  pg_up pg_settings_max_connections pg_stat_activity_count pg_database_size_bytes
  pg_stat_database_numbackends pg_stat_database_xact_commit pg_stat_database_xact_rollback pg_stat_database_deadlocks
  pg_stat_database_blks_hit pg_stat_database_blks_read
`)

/** Of Node and V8, by the instrumentation of the runtime. */
const runtime = words(`
  nodejs_eventloop_delay_p50_seconds nodejs_eventloop_delay_p90_seconds nodejs_eventloop_delay_p99_seconds
  nodejs_eventloop_time_seconds_total v8js_memory_heap_used_bytes v8js_gc_duration_seconds
`)

const code = [...sourcesIn('functions'), ...sourcesIn('shared')].filter(({ path }) => !/test/.test(path))
const instruments = (prefix: string) => [
  ...new Set(
    code.flatMap(({ text }) =>
      [...text.matchAll(new RegExp(String.raw`\w\(\s*'((?:${prefix})\.[a-z_.]+)'`, 'g'))].map((found) => found[1] ?? ''),
    ),
  ),
]

/** Metrics of the business that functions make, by their names in the code. */
export const businessInstruments = (): string[] => instruments('shop')

type Query = { readonly metrics: readonly Readonly<Record<string, { readonly usage: string }>>[] }

/** Metrics that the exporter's own queries make: those named `<query>_<column>` in the queries files. */
export const exporterQueries = (): string[] =>
  namesIn('knative/observability/postgres-exporter')
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => {
      const parsed = parse(read(`knative/observability/postgres-exporter/${file}`)) as Record<string, Query>
      return Object.entries(parsed).flatMap(([query, { metrics }]) =>
        metrics.flatMap((column) => Object.entries(column).flatMap(([name, { usage }]) => (usage === 'LABEL' ? [] : [`${query}_${name}`]))),
      )
    })

type Rules = { readonly groups: readonly { readonly rules: readonly { readonly record?: string }[] }[] }

/** Metrics that Prometheus makes by its recording rules. */
const recorded = (): string[] =>
  namesIn('knative/observability/prometheus/rules')
    .map((file) => parse(read(`knative/observability/prometheus/rules/${file}`)) as Rules)
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? [])))

const suffix = /(_seconds|_bytes)?(_total|_bucket|_count|_sum)?$/
/** Whether a name in Prometheus is that of an instrument in the code. */
export const isNamed = (metric: string, instrument: string): boolean => {
  const name = instrument.replaceAll('.', '_')
  return metric.startsWith(name) && new RegExp(`^${suffix.source}`).test(metric.slice(name.length))
}

/** Tells whether anything that is scraped has a metric of this name. */
export function knowsMetric(): (metric: string) => boolean {
  const listed = new Set([...knative, ...kubernetes, ...postgres, ...runtime, ...exporterQueries(), ...recorded(), 'up', 'ALERTS'])
  const made = instruments('shop|http|rpc|db|faas|process')
  return (metric) =>
    listed.has(metric) || listed.has(metric.replace(/_(bucket|count|sum)$/, '')) || made.some((instrument) => isNamed(metric, instrument))
}
