import { board } from '../board.ts'
import { lastingMoneyDrift, stockDrift } from '../drift.ts'
import { badAbove, badBelow, informative, mustBeZero, statPanel, tablePanel, timeseriesPanel, toFunctionBoard } from '../panels.ts'
import { budgetLeft, coldStarts, failureRatio, functionsNamed, latency, requests } from '../promql.ts'
import { perMinutePanel } from './business.ts'
import { budgetPanels } from './slo.ts'

const all = functionsNamed()
const edge = functionsNamed('edge')
const links = [toFunctionBoard()]
const legend = '{{kn_service_name}}'
const pods = (of: string) =>
  `sum(max by (kn_service_name, kn_revision_name) (kn_revision_pods_${of}{job="autoscaler",k8s_namespace_name=~"$namespace"}))`
const alerts = 'ALERTS{alertstate="firing"}'

/** Whether the shop is well, and where to look when it is not. */
export const overview = () =>
  board({
    uid: 'shop-overview',
    description: 'Whether the shop is well, and where to look when it is not.',
    sections: [
      {
        title: 'Now',
        panels: [
          statPanel({
            title: 'Requests',
            description: 'Requests per second that customers send to the public host.',
            width: 3,
            unit: 'reqps',
            queries: [{ expr: `sum(${requests(edge)})`, legend: 'Requests' }],
            thresholds: informative,
          }),
          statPanel({
            title: 'Failed',
            description: 'The share of customers’ requests that the shop failed to answer (5xx). The budget allows 0.1 %.',
            width: 3,
            unit: 'percentunit',
            decimals: 2,
            queries: [{ expr: failureRatio(edge), legend: 'Failed' }],
            thresholds: badAbove(0.001, 0.01),
          }),
          statPanel({
            title: 'Time to answer (p95)',
            description: 'Nineteen of twenty requests of customers are answered within this time, cold starts behind the edge included.',
            width: 3,
            unit: 's',
            queries: [{ expr: latency(0.95, edge), legend: 'p95' }],
            thresholds: badAbove(0.5, 2),
          }),
          ...budgetPanels('edge'),
          statPanel({
            title: 'Alerts',
            description: 'Alerts that are firing; the table below names them.',
            width: 3,
            unit: 'short',
            queries: [{ expr: `count(${alerts}) or vector(0)`, legend: 'Firing' }],
            thresholds: badAbove(1, 3),
          }),
          statPanel({
            title: 'Cold starts',
            description: 'Processes started within the range shown, by a request after silence, by load or by a deployment.',
            width: 3,
            unit: 'short',
            decimals: 0,
            queries: [{ expr: `sum(${coldStarts(all, '$__range')}) or vector(0)`, legend: 'Starts' }],
            thresholds: informative,
          }),
          statPanel({
            title: 'Pods missing',
            description: 'Pods that the autoscaler wants and that are not ready: some requests wait.',
            width: 3,
            unit: 'short',
            queries: [{ expr: `clamp_min(${pods('requested')} - ${pods('count')}, 0)`, legend: 'Missing' }],
            thresholds: badAbove(1, 5),
          }),
        ],
      },
      {
        title: 'Business',
        panels: [
          perMinutePanel({
            title: 'Orders by outcome',
            description:
              'Orders that came to their end, per minute. Rejected: declined, or out of stock. Cancelled: by the customer or for want of time.',
            metric: 'shop_orders_total',
            where: all,
          }),
          perMinutePanel({
            title: 'Payments by outcome',
            description: 'What came of the calls to the payment gateway, per minute. Failed ones are tried again by the sweep.',
            metric: 'shop_payments_total',
            where: all,
          }),
          statPanel({
            title: 'Stock drift',
            description: 'SKUs whose books do not balance: on hand against the ledger, reserved against the holds. Must be 0.',
            unit: 'short',
            queries: [{ expr: stockDrift, legend: 'SKUs' }],
            thresholds: mustBeZero,
          }),
          statPanel({
            title: 'Money drift',
            description:
              'What orders say was kept less what the gateway kept, in minor units; the least of five minutes, as orders under way differ for a moment. Must be 0.',
            unit: 'short',
            queries: [{ expr: lastingMoneyDrift, legend: '{{currency}}' }],
            thresholds: mustBeZero,
          }),
          statPanel({
            title: 'Overdue orders',
            description: 'Open orders that were due more than a minute ago: the sweep does not run, or a neighbour of orders is away.',
            unit: 'short',
            queries: [{ expr: 'sum(shop_orders_overdue{job="postgres"})', legend: 'Orders' }],
            thresholds: badAbove(1, 10),
          }),
          statPanel({
            title: 'Stock running low',
            description: 'SKUs at or below the stock at which they are to be ordered again.',
            unit: 'short',
            queries: [{ expr: 'sum(shop_stock_low{job="postgres"})', legend: 'SKUs' }],
            thresholds: badAbove(1, 100),
          }),
        ],
      },
      {
        title: 'Functions',
        panels: [
          timeseriesPanel({
            title: 'Requests by function',
            description: 'Requests answered per second, by HTTP or gRPC. A click leads to the function.',
            unit: 'reqps',
            queries: [{ expr: requests(all), legend }],
            links,
          }),
          timeseriesPanel({
            title: 'Failed by function',
            description:
              'The share of requests a function failed to answer. The edge fails with any function behind it: look at that one first.',
            unit: 'percentunit',
            min: 0,
            thresholds: badAbove(0.001, 0.01),
            queries: [{ expr: failureRatio(all), legend }],
            links,
          }),
          timeseriesPanel({
            title: 'Time to answer by function (p95)',
            description: 'Nineteen of twenty requests are answered within this time, not counting the wait for a pod.',
            unit: 's',
            min: 0,
            queries: [{ expr: latency(0.95, all), legend }],
            links,
          }),
          tablePanel({
            title: 'Every function',
            description: 'Each function as it is now; its name leads to its board.',
            label: 'kn_service_name',
            heading: 'Function',
            link: toFunctionBoard('${__value.text}'),
            height: 11,
            columns: [
              { title: 'Requests', expr: requests(all), unit: 'reqps' },
              { title: 'Failed', expr: failureRatio(all), unit: 'percentunit', thresholds: badAbove(0.001, 0.01) },
              { title: 'p95', expr: latency(0.95, all), unit: 's', thresholds: badAbove(0.5, 2) },
              { title: 'Availability budget', expr: budgetLeft('failures'), unit: 'percentunit', thresholds: badBelow(0.5, 0.1) },
              { title: 'Latency budget', expr: budgetLeft('slow_requests'), unit: 'percentunit', thresholds: badBelow(0.5, 0.1) },
              { title: 'Cold starts', expr: coldStarts(all, '$__range'), unit: 'short' },
              { title: 'Processes', expr: `count by (kn_service_name) (process_uptime_seconds{${all}})`, unit: 'short' },
              {
                title: 'CPU',
                expr: `sum by (kn_service_name) (rate(process_cpu_time_seconds_total{${all}}[$__rate_interval]))`,
                unit: 'short',
              },
              { title: 'Memory', expr: `sum by (kn_service_name) (process_memory_usage_bytes{${all}})`, unit: 'bytes' },
            ],
          }),
        ],
      },
      {
        title: 'Alerts and limits',
        panels: [
          tablePanel({
            title: 'Alerts that fire',
            description: 'What asks for somebody now; docs/runbooks/ tells what to do, a page for each.',
            label: 'alertname',
            heading: 'Alert',
            keep: ['severity', 'kn_service_name', 'shop_service'],
            width: 12,
            columns: [
              { title: 'Firing', expr: `count by (alertname, severity, kn_service_name, shop_service) (${alerts})`, unit: 'short' },
            ],
          }),
          timeseriesPanel({
            title: 'Database connections',
            description: 'The share of connections in use, per database server. At 100 % functions cannot start: pods × pool must fit.',
            unit: 'percentunit',
            min: 0,
            max: 1,
            width: 6,
            height: 9,
            thresholds: badAbove(0.7, 0.9),
            queries: [
              {
                expr: 'sum by (shop_service) (pg_stat_activity_count{job="postgres"}) / max by (shop_service) (pg_settings_max_connections{job="postgres"})',
                legend: '{{shop_service}}',
              },
            ],
          }),
          timeseriesPanel({
            title: 'Volumes',
            description: 'How full the volumes of the databases are. A full one stops its database.',
            unit: 'percentunit',
            min: 0,
            max: 1,
            width: 6,
            height: 9,
            thresholds: badAbove(0.75, 0.9),
            queries: [
              {
                expr: '1 - max by (persistentvolumeclaim) (kubelet_volume_stats_available_bytes{namespace=~"$namespace"}) / max by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{namespace=~"$namespace"})',
                legend: '{{persistentvolumeclaim}}',
              },
            ],
          }),
        ],
      },
    ],
  })
