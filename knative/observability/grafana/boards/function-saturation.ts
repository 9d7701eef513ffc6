import type { Section } from '../board.ts'
import { badAbove, timeseriesPanel } from '../panels.ts'
import { chosen, containers } from '../promql.ts'

const perPod = '{{k8s_pod_name}}'
const limit = (resource: string) => `min(kube_pod_container_resource_limits{${containers('kube-state-metrics')},resource="${resource}"})`
const periods = (metric: string) => `sum by (pod) (rate(${metric}{${containers('kubelet-cadvisor')}}[$__rate_interval]))`

/** What the pods of a function run short of. */
export const saturation: Section = {
  title: 'Saturation',
  panels: [
    timeseriesPanel({
      title: 'Event loop: delay (p99)',
      description: 'How late timers are. Above 50 ms something holds the event loop: work that should be SQL, or too many requests a pod.',
      unit: 's',
      min: 0,
      thresholds: badAbove(0.05, 0.2),
      queries: [{ expr: `nodejs_eventloop_delay_p99_seconds{${chosen}}`, legend: perPod }],
    }),
    timeseriesPanel({
      title: 'Event loop: busy',
      description: 'The share of time in which the event loop had work. Near 100 % a pod can do no more.',
      unit: 'percentunit',
      min: 0,
      max: 1,
      thresholds: badAbove(0.7, 0.9),
      queries: [
        {
          expr: `sum by (k8s_pod_name) (rate(nodejs_eventloop_time_seconds_total{${chosen},nodejs_eventloop_state="active"}[$__rate_interval]))`,
          legend: perPod,
        },
      ],
    }),
    timeseriesPanel({
      title: 'Requests under way',
      description: 'Requests that each pod is answering at this moment; more than its target make the autoscaler start another.',
      unit: 'short',
      min: 0,
      queries: [{ expr: `sum by (k8s_pod_name) (http_server_active_requests{${chosen}})`, legend: perPod }],
    }),
    timeseriesPanel({
      title: 'CPU',
      description: 'Cores in use per pod, and the limit in a cluster, at which the kernel makes the pod wait.',
      unit: 'short',
      min: 0,
      queries: [
        { expr: `sum by (k8s_pod_name) (rate(process_cpu_time_seconds_total{${chosen}}[$__rate_interval]))`, legend: perPod },
        { expr: limit('cpu'), legend: 'limit' },
      ],
    }),
    timeseriesPanel({
      title: 'Memory',
      description: 'Resident memory per pod, of it the heap, and the limit in a cluster, at which the pod is killed.',
      unit: 'bytes',
      min: 0,
      queries: [
        { expr: `process_memory_usage_bytes{${chosen}}`, legend: perPod },
        { expr: `sum by (k8s_pod_name) (v8js_memory_heap_used_bytes{${chosen}})`, legend: 'heap of {{k8s_pod_name}}' },
        { expr: limit('memory'), legend: 'limit' },
      ],
    }),
    timeseriesPanel({
      title: 'CPU throttled',
      description: 'The share of scheduling periods in which the kernel made a pod wait for CPU. Much of it: the limit is too low.',
      unit: 'percentunit',
      min: 0,
      thresholds: badAbove(0.25, 0.5),
      queries: [
        {
          expr: `${periods('container_cpu_cfs_throttled_periods_total')} / ${periods('container_cpu_cfs_periods_total')}`,
          legend: '{{pod}}',
        },
      ],
    }),
  ],
}
