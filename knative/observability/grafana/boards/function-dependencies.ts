import type { Section } from '../board.ts'
import { badAbove, timeseriesPanel } from '../panels.ts'
import { chosen, failed, quantileOf } from '../promql.ts'

const operations = 'db_client_operation_duration_seconds'
const http = 'http_client_request_duration_seconds'
const rpc = 'rpc_client_call_duration_seconds'
const rate = (by: string, metric: string, ...matchers: string[]) =>
  `sum by (${by}) (rate(${metric}_count{${[chosen, ...matchers].join(',')}}[$__rate_interval]))`
/** What failed, per neighbour; 0 where nothing did. */
const failures = (metric: string, failing: string) =>
  `${rate('service_peer_name', metric, failing)} or 0 * ${rate('service_peer_name', metric)}`

const legend = '{{db_query_summary}}'
const peer = '{{service_peer_name}}'

/** A function's own database, as it sees it. */
export const database: Section = {
  title: 'Database',
  panels: [
    timeseriesPanel({
      title: 'Statements',
      description: 'Statements per second, by the name they are prepared under.',
      unit: 'ops',
      width: 6,
      queries: [{ expr: rate('db_query_summary', operations), legend }],
    }),
    timeseriesPanel({
      title: 'Time of a statement (p95)',
      description: 'Nineteen of twenty runs of a statement take no longer, the wait for a connection included.',
      unit: 's',
      min: 0,
      width: 6,
      thresholds: badAbove(0.1, 1),
      queries: [{ expr: quantileOf(0.95, operations, 'db_query_summary', chosen), legend }],
    }),
    timeseriesPanel({
      title: 'Statements that failed',
      description: 'Failed statements per second; error_type is the SQLSTATE, 08… and 57… mean that the database is away.',
      unit: 'ops',
      min: 0,
      width: 6,
      queries: [
        {
          expr: `${rate('db_query_summary, error_type', operations, 'error_type!=""')} or 0 * ${rate('db_query_summary', operations)}`,
          legend: `${legend} {{error_type}}`,
        },
      ],
    }),
    timeseriesPanel({
      title: 'Connections',
      description:
        'Connections of the pool by state, its limit, and what waits for one. Waiting means that pods are too few or statements too slow.',
      unit: 'short',
      min: 0,
      width: 6,
      queries: [
        { expr: `sum by (db_client_connection_state) (db_client_connection_count{${chosen}})`, legend: '{{db_client_connection_state}}' },
        { expr: `sum(db_client_connection_max{${chosen}})`, legend: 'limit' },
        { expr: `sum(db_client_connection_pending_requests{${chosen}})`, legend: 'waiting' },
      ],
    }),
  ],
}

/** The functions that a function calls, as it sees them. */
export const neighbours: Section = {
  title: 'Neighbours',
  panels: [
    timeseriesPanel({
      title: 'Calls to neighbours',
      description: 'Calls per second to each function this one needs.',
      unit: 'reqps',
      queries: [
        { expr: rate('service_peer_name', http), legend: peer },
        { expr: rate('service_peer_name', rpc), legend: peer },
      ],
    }),
    timeseriesPanel({
      title: 'Time a neighbour takes (p95)',
      description: 'Nineteen of twenty calls are answered within this time, here with the wait for the neighbour’s pod.',
      unit: 's',
      min: 0,
      thresholds: badAbove(0.5, 2),
      queries: [
        { expr: quantileOf(0.95, http, 'service_peer_name', chosen), legend: peer },
        { expr: quantileOf(0.95, rpc, 'service_peer_name', chosen), legend: peer },
      ],
    }),
    timeseriesPanel({
      title: 'Calls to neighbours that failed',
      description: 'Calls per second that got no answer, or a 5xx, or a gRPC code of the neighbour’s fault.',
      unit: 'reqps',
      min: 0,
      queries: [
        { expr: failures(http, failed.http), legend: `${peer} answered 5xx` },
        { expr: failures(http, 'http_response_status_code=""'), legend: `${peer} did not answer` },
        { expr: failures(rpc, failed.rpc), legend: peer },
      ],
    }),
  ],
}
