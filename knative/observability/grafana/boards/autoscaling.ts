import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import { board, type Section } from '../board.ts'
import { badAbove, informative, statPanel, stateTimelinePanel, timeseriesPanel, toFunctionBoard } from '../panels.ts'
import {
  autoscaled,
  buffered,
  bufferedPerFunction,
  chosen,
  coldStarts,
  highestPerFunction,
  podsOverall,
  podsPerFunction,
} from '../promql.ts'
import { starts } from './autoscaling-starts.ts'

const links = [toFunctionBoard()]
const legend = '{{kn_service_name}}'

const states: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: { 0: { text: 'at zero', color: 'super-light-blue', index: 0 }, 1: { text: 'one pod', color: 'green', index: 1 } },
  },
  { type: MappingType.RangeToText, options: { from: 2, to: null, result: { text: 'several pods', color: 'dark-green', index: 2 } } },
]
const panicking: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: { 0: { text: 'calm', color: 'green', index: 0 }, 1: { text: 'panic', color: 'red', index: 1 } },
  },
]

const now: Section = {
  title: 'Now',
  panels: [
    statPanel({
      title: 'Pods ready',
      description: 'Pods that take requests.',
      unit: 'short',
      queries: [{ expr: podsOverall('kn_revision_pods_count'), legend: 'Ready' }],
      thresholds: informative,
    }),
    statPanel({
      title: 'Pods missing',
      description: 'Pods that are wanted and not ready. For long: no room in the cluster, no image, or a function that does not start.',
      unit: 'short',
      queries: [
        {
          expr: `clamp_min(${podsOverall('kn_revision_pods_requested')} - ${podsOverall('kn_revision_pods_count')}, 0)`,
          legend: 'Missing',
        },
      ],
      thresholds: badAbove(1, 5),
    }),
    statPanel({
      title: 'Functions at zero',
      description: 'Functions without a pod: they cost nothing, and their next request waits for a cold start.',
      unit: 'short',
      queries: [{ expr: `count(${podsPerFunction('kn_revision_pods_count')} == 0) or vector(0)`, legend: 'At zero' }],
      thresholds: informative,
    }),
    statPanel({
      title: 'In panic',
      description: 'Functions whose load doubled within seconds: pods are only added until it is over.',
      unit: 'short',
      queries: [{ expr: `count(${podsPerFunction('kn_revision_panic_mode')} > 0) or vector(0)`, legend: 'In panic' }],
      thresholds: badAbove(1, 3),
    }),
    statPanel({
      title: 'Requests queued',
      description: 'Requests that wait in the activator for a pod.',
      unit: 'short',
      queries: [{ expr: `sum(kn_revision_request_queued{${buffered}})`, legend: 'Queued' }],
      thresholds: badAbove(10, 100),
    }),
    statPanel({
      title: 'Cold starts',
      description: 'Processes started within the range shown.',
      unit: 'short',
      decimals: 0,
      queries: [{ expr: `sum(${coldStarts(chosen, '$__range')}) or vector(0)`, legend: 'Starts' }],
      thresholds: informative,
    }),
  ],
}

const pods: Section = {
  title: 'Pods',
  panels: [
    timeseriesPanel({
      title: 'Pods wanted and there',
      description: 'Desired: what the load asks for. Requested: after the bounds of the function. The others: what there is of it.',
      unit: 'short',
      min: 0,
      width: 12,
      queries: [
        { expr: podsOverall('kn_revision_pods_desired'), legend: 'desired' },
        { expr: podsOverall('kn_revision_pods_requested'), legend: 'requested' },
        { expr: podsOverall('kn_revision_pods_count'), legend: 'ready' },
        { expr: podsOverall('kn_revision_pods_not_ready_count'), legend: 'not ready' },
        { expr: podsOverall('kn_revision_pods_pending_count'), legend: 'pending' },
        { expr: podsOverall('kn_revision_pods_terminating_count'), legend: 'terminating' },
      ],
    }),
    timeseriesPanel({
      title: 'Pods ready by function',
      description: 'Pods that take requests, per function. A click leads to the function.',
      unit: 'short',
      min: 0,
      stacked: true,
      width: 12,
      queries: [{ expr: podsPerFunction('kn_revision_pods_count'), legend }],
      links,
    }),
    stateTimelinePanel({
      title: 'Scale to zero',
      description: 'When each function stood at zero, had one pod, or several.',
      unit: 'short',
      width: 24,
      height: 10,
      mappings: states,
      queries: [{ expr: podsPerFunction('kn_revision_pods_count'), legend }],
    }),
  ],
}

const load: Section = {
  title: 'Load',
  panels: [
    timeseriesPanel({
      title: 'Concurrency against target',
      description: 'Requests at once, as seen over the stable window and over the panic window, and what the ready pods are meant to take.',
      unit: 'short',
      min: 0,
      queries: [
        { expr: podsOverall('kn_revision_concurrency_stable'), legend: 'stable' },
        { expr: podsOverall('kn_revision_concurrency_panic'), legend: 'panic' },
        {
          expr: `sum(max by (kn_service_name, kn_revision_name) (kn_revision_concurrency_target{${autoscaled}}) * max by (kn_service_name, kn_revision_name) (kn_revision_pods_count{${autoscaled}}))`,
          legend: 'target of the ready pods',
        },
      ],
    }),
    timeseriesPanel({
      title: 'Pods the load asks for, by function',
      description: 'Concurrency over the target of one pod: how many pods the load would keep busy.',
      unit: 'short',
      min: 0,
      queries: [
        {
          expr: `${podsPerFunction('kn_revision_concurrency_stable')} / (${highestPerFunction('kn_revision_concurrency_target')} > 0)`,
          legend,
        },
      ],
      links,
    }),
    timeseriesPanel({
      title: 'Requests queued by function',
      description: 'Requests that wait in the activator for a pod. A queue that does not empty means that pods do not come.',
      unit: 'short',
      min: 0,
      thresholds: badAbove(10, 100),
      queries: [{ expr: bufferedPerFunction('kn_revision_request_queued'), legend }],
      links,
    }),
    stateTimelinePanel({
      title: 'Panic mode',
      description: 'When the autoscaler looked at the last seconds only, because the load doubled, and took no pod away.',
      unit: 'short',
      mappings: panicking,
      queries: [{ expr: highestPerFunction('kn_revision_panic_mode'), legend }],
    }),
    timeseriesPanel({
      title: 'Room for a burst',
      description:
        'How much more load the ready pods of a function could take at once. Below 0 the activator stays in the path and queues.',
      unit: 'short',
      width: 12,
      queries: [{ expr: podsPerFunction('kn_revision_capacity_excess'), legend }],
      links,
    }),
  ],
}

/** How Knative scales the functions, to zero and back. */
export const autoscaling = () =>
  board({
    uid: 'shop-autoscaling',
    description: 'How Knative scales the functions: pods wanted and there, load against target, queues, panic, cold starts, scale to zero.',
    functions: 'many',
    sections: [now, pods, load, starts],
  })
