import type { FunctionName } from '../../scripts/topology.ts'
import type { Family, Labels, Observed } from './exposition.ts'
import { type Life, namespace, podOf, revisionOf } from './knative-life.ts'

const scope = (name: string): Labels => ({ otel_scope_name: `knative.dev/${name}`, otel_scope_version: '', otel_scope_schema_url: '' })
const otelhttp: Labels = {
  otel_scope_name: 'go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp',
  otel_scope_version: '0.63.0',
  otel_scope_schema_url: '',
}
const ofRevision = (name: FunctionName): Labels => ({
  kn_service_name: name,
  kn_configuration_name: name,
  kn_revision_name: revisionOf(name),
  k8s_namespace_name: namespace,
})
const durations = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const REQUESTS_PER_SECOND = 4

const observed = (labels: Labels, count: number, usual: number, rare: number, bounds = durations): Observed => ({
  labels,
  bounds,
  count: Math.floor(count),
  usual,
  rare,
})

const gauge = (name: string, lives: readonly Life[], labels: (life: Life) => Labels, value: (life: Life) => number): Family => ({
  name,
  type: 'gauge',
  samples: lives.map((life) => ({ labels: labels(life), value: value(life) })),
})

const answered = (name: FunctionName, status: string): Labels => ({
  ...otelhttp,
  http_request_method: 'GET',
  http_response_status_code: status,
  network_protocol_name: 'http',
  network_protocol_version: '1.1',
  server_address: `${name}.${namespace}.svc.cluster.local`,
  url_scheme: 'http',
})

/** A pod that is gone answers no scrape; here it tells nothing. */
export function queueProxySeries(lives: readonly Life[]): Family[] {
  const running = lives.filter(({ pods }) => pods > 0)
  const requests = (labels: (name: FunctionName, status: string) => Labels) =>
    running.flatMap(({ name, seconds }) => [
      observed(labels(name, '200'), seconds * REQUESTS_PER_SECOND, 0.004, 0.06),
      observed(labels(name, '503'), seconds / 50, 0.002, 0.002),
    ])
  const bytes = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000]
  const target = (name: FunctionName): Labels => ({ ...ofRevision(name), k8s_pod_name: podOf(name), service_name: revisionOf(name) })
  return [
    {
      name: 'kn_serving_invocation_duration_seconds',
      type: 'histogram',
      histograms: requests((_, status) => ({ ...scope('serving/pkg/queue'), http_response_status_code: status })),
    },
    gauge(
      'kn_serving_queue_depth',
      running,
      () => scope('serving/pkg/queue'),
      () => 1,
    ),
    { name: 'http_server_request_duration_seconds', type: 'histogram', histograms: requests(answered) },
    {
      name: 'http_server_response_body_size_bytes',
      type: 'histogram',
      histograms: running.map(({ name, seconds }) => observed(answered(name, '200'), seconds * REQUESTS_PER_SECOND, 640, 9_000, bytes)),
    },
    gauge(
      'target_info',
      running,
      ({ name }) => target(name),
      () => 1,
    ),
  ]
}

/** The activator holds requests back until a pod is there, so its times include the wait. */
export function activatorSeries(lives: readonly Life[]): Family[] {
  const waits = ({ pods, wanted }: Life) => (wanted > pods ? 1 : 0)
  const inRevision = ({ name }: Life): Labels => ({ ...scope('serving/pkg/activator'), ...ofRevision(name) })
  const byRevision = ({ name }: Life): Labels => ({
    ...scope('serving/pkg/activator'),
    k8s_namespace_name: namespace,
    kn_revision_name: revisionOf(name),
  })
  const peer: Labels = { ...scope('serving/pkg/activator'), peer: 'autoscaler' }
  return [
    {
      name: 'http_server_request_duration_seconds',
      type: 'histogram',
      histograms: lives.flatMap(({ name, seconds }) => [
        observed({ ...answered(name, '200'), ...ofRevision(name) }, seconds * REQUESTS_PER_SECOND, 0.006, 0.9),
        observed({ ...answered(name, '503'), ...ofRevision(name) }, seconds / 50, 0.004, 0.004),
      ]),
    },
    gauge('kn_revision_request_concurrency', lives, inRevision, ({ pods }) => pods * 0.3),
    gauge('kn_revision_request_queued', lives, byRevision, waits),
    gauge('kn_revision_request_active', lives, byRevision, ({ pods }) => pods),
    { name: 'kn_activator_stats_conn_reachable', type: 'gauge', samples: [{ labels: peer, value: 1 }] },
    { name: 'kn_activator_stats_conn_errors_total', type: 'counter', samples: [{ labels: peer, value: 0 }] },
  ]
}

/** What the autoscaler wants, and what it sees. */
export function autoscalerSeries(lives: readonly Life[]): Family[] {
  const labels = ({ name }: Life): Labels => ({ ...scope('serving/pkg/autoscaler'), ...ofRevision(name) })
  const gauges: Readonly<Record<string, (life: Life) => number>> = {
    kn_revision_pods_desired: ({ wanted }) => wanted,
    kn_revision_pods_requested: ({ wanted }) => wanted,
    kn_revision_pods_count: ({ pods }) => pods,
    kn_revision_pods_not_ready_count: ({ pods, wanted }) => wanted - pods,
    kn_revision_pods_pending_count: () => 0,
    kn_revision_pods_terminating_count: () => 0,
    kn_revision_concurrency_stable: ({ pods }) => pods * 0.3,
    kn_revision_concurrency_panic: ({ pods }) => pods * 0.4,
    kn_revision_concurrency_target: () => 70,
    kn_revision_panic_mode: ({ pods, wanted }) => (wanted > pods ? 1 : 0),
    kn_revision_capacity_excess: ({ pods }) => pods * 100 - 211,
  }
  return [
    ...Object.entries(gauges).map(([name, value]) => gauge(name, lives, labels, value)),
    {
      name: 'kn_autoscaler_scrape_duration_seconds',
      type: 'histogram',
      histograms: lives.map((life) => observed(labels(life), life.seconds / 2, 0.003, 0.012)),
    },
  ]
}
