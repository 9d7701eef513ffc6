import { services } from '../../scripts/topology.ts'
import type { Family, Labels, Sample } from './exposition.ts'
import { type Life, namespace, podOf } from './knative-life.ts'

const node = 'node-1'
const MEBIBYTE = 1024 * 1024
const VOLUME_BYTES = 10 * 1024 * MEBIBYTE
const MEMORY_BYTES = 256 * MEBIBYTE
const CPUS = 1
/** The kernel divides time into periods of a tenth of a second, in each of which a container may use its share. */
const PERIODS_PER_SECOND = 10

/** What the kubelet and the cAdvisor in it tell of containers and volumes. */
export function cadvisorSeries(lives: readonly Life[]): Family[] {
  const running = containersOf(lives)
  const of = (name: string, type: 'counter' | 'gauge', more: Labels, value: (life: Life) => number): Family => ({
    name,
    type,
    samples: running.map(({ life, labels }) => ({ labels: { ...labels, ...idOf(labels), ...more }, value: value(life) })),
  })
  return [
    of('container_cpu_usage_seconds_total', 'counter', { cpu: 'total' }, ({ seconds }) => seconds * 0.02),
    of('container_cpu_cfs_periods_total', 'counter', {}, ({ seconds }) => Math.floor(seconds * PERIODS_PER_SECOND)),
    of('container_cpu_cfs_throttled_periods_total', 'counter', {}, ({ seconds }) => Math.floor(seconds / 4)),
    of('container_memory_working_set_bytes', 'gauge', {}, () => 90 * MEBIBYTE),
    ...Object.entries({ capacity: VOLUME_BYTES, available: VOLUME_BYTES * 0.8, used: VOLUME_BYTES * 0.2 }).map(volumes),
  ]
}

const idOf = ({ pod, container }: Labels): Labels => ({
  id: `/kubepods.slice/${pod}/${container}`,
  image: 'shop',
  name: `${pod}-${container}`,
})

const volumes = ([what, bytes]: [string, number]): Family => ({
  name: `kubelet_volume_stats_${what}_bytes`,
  type: 'gauge',
  samples: services.map((service) => ({ labels: { namespace, persistentvolumeclaim: `data-postgres-${service}-0` }, value: bytes })),
})

/** What kube-state-metrics tells of pods. */
export function kubeStateSeries(lives: readonly Life[]): Family[] {
  const running = containersOf(lives).map(({ life, labels }) => ({ life, labels: { ...labels, uid: `uid-of-${labels['pod']}` } }))
  const resources = (name: string, share: number): Family => ({
    name,
    type: 'gauge',
    samples: running.flatMap(({ labels }): Sample[] => [
      { labels: { ...labels, node, resource: 'cpu', unit: 'core' }, value: CPUS * share },
      { labels: { ...labels, node, resource: 'memory', unit: 'byte' }, value: MEMORY_BYTES * share },
    ]),
  })
  return [
    resources('kube_pod_container_resource_limits', 1),
    resources('kube_pod_container_resource_requests', 0.25),
    {
      name: 'kube_pod_container_status_restarts_total',
      type: 'counter',
      samples: running.map(({ labels }) => ({ labels, value: 0 })),
    },
  ]
}

const containersOf = (lives: readonly Life[]) =>
  lives
    .filter(({ pods }) => pods > 0)
    .flatMap((life) =>
      ['user-container', 'queue-proxy'].map((container) => ({ life, labels: { namespace, pod: podOf(life.name), container } as Labels })),
    )
