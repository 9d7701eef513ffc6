import { board, type Section } from '../board.ts'
import { badAbove, informative, statPanel, timeseriesPanel } from '../panels.ts'
import { autoscaled, called, chosen, coldStarts, containers, failureRatio, initDuration, latency, quantileOf, requests } from '../promql.ts'
import { database, neighbours } from './function-dependencies.ts'
import { budgetPanels } from './slo.ts'
import { saturation } from './function-saturation.ts'

const http = 'http_server_request_duration_seconds'
const rpc = 'rpc_server_call_duration_seconds'

const now: Section = {
  title: 'Now',
  panels: [
    statPanel({
      title: 'Requests',
      description: 'Requests answered per second, by HTTP or gRPC.',
      width: 3,
      unit: 'reqps',
      queries: [{ expr: requests(chosen), legend: 'Requests' }],
      thresholds: informative,
    }),
    statPanel({
      title: 'Failed',
      description: 'The share of requests that this function failed to answer (5xx, or a gRPC code of the server’s fault).',
      width: 3,
      unit: 'percentunit',
      decimals: 2,
      queries: [{ expr: failureRatio(chosen), legend: 'Failed' }],
      thresholds: badAbove(0.001, 0.01),
    }),
    statPanel({
      title: 'Time to answer (p95)',
      description: 'Nineteen of twenty requests are answered within this time, not counting the wait for a pod.',
      width: 3,
      unit: 's',
      queries: [{ expr: latency(0.95, chosen), legend: 'p95' }],
      thresholds: badAbove(0.5, 2),
    }),
    ...budgetPanels('$kn_service_name'),
    statPanel({
      title: 'Cold starts',
      description: 'Processes started within the range shown.',
      width: 3,
      unit: 'short',
      decimals: 0,
      queries: [{ expr: coldStarts(chosen, '$__range'), legend: 'Starts' }],
      thresholds: informative,
    }),
    statPanel({
      title: 'Pods ready',
      description: 'Pods that take requests now. 0 is no fault: the next request starts one.',
      width: 3,
      unit: 'short',
      queries: [{ expr: `sum(max by (kn_revision_name) (kn_revision_pods_count{${autoscaled}}))`, legend: 'Ready' }],
      thresholds: informative,
    }),
    statPanel({
      title: 'Memory',
      description: 'Resident memory of the largest pod.',
      width: 3,
      unit: 'bytes',
      queries: [{ expr: `max(process_memory_usage_bytes{${chosen}})`, legend: 'Memory' }],
      thresholds: informative,
    }),
  ],
}

const traffic: Section = {
  title: 'Requests',
  panels: [
    timeseriesPanel({
      title: 'Requests by route',
      description: 'Requests answered per second. Unknown paths fall into /*.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (http_request_method, http_route) (rate(${http}_count{${chosen}}[$__rate_interval]))`,
          legend: '{{http_request_method}} {{http_route}}',
        },
        { expr: `sum by (rpc_method) (rate(${rpc}_count{${chosen},${called}}[$__rate_interval]))`, legend: '{{rpc_method}}' },
      ],
    }),
    timeseriesPanel({
      title: 'Answers by status',
      description: 'What requests were answered with, per second. 4xx are the callers’ faults, 5xx this function’s.',
      unit: 'reqps',
      stacked: true,
      queries: [
        {
          expr: `sum by (http_response_status_code) (rate(${http}_count{${chosen}}[$__rate_interval]))`,
          legend: '{{http_response_status_code}}',
        },
        {
          expr: `sum by (rpc_response_status_code) (rate(${rpc}_count{${chosen},${called}}[$__rate_interval]))`,
          legend: '{{rpc_response_status_code}}',
        },
      ],
    }),
    timeseriesPanel({
      title: 'Failed',
      description: 'The share of requests that this function failed to answer; the lines are where the budget is spent and where it burns.',
      unit: 'percentunit',
      min: 0,
      thresholds: badAbove(0.001, 0.01),
      queries: [{ expr: failureRatio(chosen), legend: 'Failed' }],
    }),
    ...[
      { quantile: 0.5, title: 'Time to answer by route (p50)', description: 'Half of the requests are answered within this time.' },
      { quantile: 0.95, title: 'Time to answer by route (p95)', description: 'Nineteen of twenty requests are answered within this time.' },
      {
        quantile: 0.99,
        title: 'Time to answer by route (p99)',
        description: 'All but one of a hundred requests are answered within this time.',
      },
    ].map(({ quantile, title, description }) =>
      timeseriesPanel({
        title,
        description,
        unit: 's',
        min: 0,
        queries: [
          { expr: quantileOf(quantile, http, 'http_request_method, http_route', chosen), legend: '{{http_request_method}} {{http_route}}' },
          { expr: quantileOf(quantile, rpc, 'rpc_method', `${chosen},${called}`), legend: '{{rpc_method}}' },
        ],
      }),
    ),
  ],
}

const starts: Section = {
  title: 'Cold starts and pods',
  panels: [
    timeseriesPanel({
      title: 'Cold starts',
      description: 'Processes started: after silence, because of load, or by a deployment.',
      unit: 'short',
      decimals: 0,
      interval: '1m',
      bars: true,
      queries: [{ expr: coldStarts(chosen, '$__interval'), legend: 'Starts' }],
    }),
    timeseriesPanel({
      title: 'Time to start',
      description: 'From the spawn of the process until it listens, of the processes alive within the hour before.',
      unit: 's',
      min: 0,
      thresholds: badAbove(0.5, 1),
      queries: [
        { expr: initDuration(0.5, chosen), legend: 'p50' },
        { expr: initDuration(0.95, chosen), legend: 'p95' },
      ],
    }),
    timeseriesPanel({
      title: 'Pods',
      description: 'Pods wanted, ready, and on their way in or out; and containers that had to be started again.',
      unit: 'short',
      min: 0,
      queries: [
        { expr: `sum(max by (kn_revision_name) (kn_revision_pods_requested{${autoscaled}}))`, legend: 'requested' },
        { expr: `sum(max by (kn_revision_name) (kn_revision_pods_count{${autoscaled}}))`, legend: 'ready' },
        { expr: `sum(max by (kn_revision_name) (kn_revision_pods_pending_count{${autoscaled}}))`, legend: 'pending' },
        { expr: `sum(max by (kn_revision_name) (kn_revision_pods_terminating_count{${autoscaled}}))`, legend: 'terminating' },
        { expr: `sum(kube_pod_container_status_restarts_total{${containers('kube-state-metrics')}})`, legend: 'restarts' },
      ],
    }),
  ],
}

/** Everything about one function. */
export const functionBoard = () =>
  board({
    uid: 'shop-function',
    description: 'One function: its requests, what it runs short of, its cold starts, its database and its neighbours.',
    functions: 'one',
    sections: [now, traffic, saturation, starts, database, neighbours],
  })
