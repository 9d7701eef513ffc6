import type { Section } from '../board.ts'
import { badAbove, timeseriesPanel, toFunctionBoard } from '../panels.ts'
import { autoscaled, chosen, coldStarts, initDuration, podsPerFunction } from '../promql.ts'

const links = [toFunctionBoard()]
const legend = '{{kn_service_name}}'
const ready = 'kn_revision_pods_count'
const quantile = (metric: string, where: string) =>
  `histogram_quantile(0.95, sum by (le, kn_service_name) (rate(${metric}_bucket{${where}}[$__rate_interval])))`
const scope = 'k8s_namespace_name=~"$namespace",kn_service_name=~"$kn_service_name"'

/** Cold starts, as the functions, the activator and the queue-proxy see them. */
export const starts: Section = {
  title: 'Cold starts',
  panels: [
    timeseriesPanel({
      title: 'Cold starts by function',
      description: 'Processes started: after silence, because of load, or by a deployment.',
      unit: 'short',
      decimals: 0,
      interval: '1m',
      bars: true,
      stacked: true,
      queries: [{ expr: coldStarts(chosen, '$__interval'), legend }],
      links,
    }),
    timeseriesPanel({
      title: 'Time to start (p95)',
      description:
        'From the spawn of the process until it listens, of the processes alive within the hour before. Kubernetes needs its time on top.',
      unit: 's',
      min: 0,
      thresholds: badAbove(0.5, 1),
      queries: [{ expr: initDuration(0.95, chosen), legend }],
      links,
    }),
    timeseriesPanel({
      title: 'Woken from zero',
      description: 'How often a function that stood at zero had a pod again.',
      unit: 'short',
      decimals: 0,
      interval: '1m',
      bars: true,
      stacked: true,
      queries: [
        {
          expr: `count_over_time(((${podsPerFunction(ready)} > 0) and (${podsPerFunction(ready, '15s')} == 0))[$__interval:15s])`,
          legend,
        },
      ],
      links,
    }),
    timeseriesPanel({
      title: 'Time to answer with the wait for a pod (p95)',
      description: 'As the activator sees it: cold starts and queues included.',
      unit: 's',
      min: 0,
      thresholds: badAbove(1, 3),
      queries: [{ expr: quantile('http_server_request_duration_seconds', `job="activator",${scope}`), legend }],
      links,
    }),
    timeseriesPanel({
      title: 'Time to answer without the wait (p95)',
      description: 'As the queue-proxy beside the function sees it. What the activator sees on top is the wait for a pod.',
      unit: 's',
      min: 0,
      thresholds: badAbove(0.5, 2),
      queries: [{ expr: quantile('kn_serving_invocation_duration_seconds', `job="queue-proxy",${scope}`), legend }],
      links,
    }),
    timeseriesPanel({
      title: 'Time the autoscaler needs to see the load (p95)',
      description: 'How long it takes to ask the pods of a function for their load. Above a second decisions come late.',
      unit: 's',
      min: 0,
      thresholds: badAbove(0.5, 1),
      queries: [{ expr: quantile('kn_autoscaler_scrape_duration_seconds', autoscaled), legend }],
      links,
    }),
  ],
}
