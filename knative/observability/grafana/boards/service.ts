import { functionNames, type Service, topology } from '../../../../scripts/topology.ts'
import type { Section } from '../board.ts'
import { badAbove, timeseriesPanel, toFunctionBoard } from '../panels.ts'
import { failureRatio, functionsNamed, latency, requests } from '../promql.ts'

/** The matchers of the functions that open a service's database. */
export const functionsOf = (service: Service) =>
  functionsNamed(...functionNames.filter((name) => topology[name].database?.service === service))

/** The matchers of the exporter that stands beside a service's database. */
export const databaseOf = (service: Service) => `job="postgres",shop_service="${service}"`

/** What every service's board shows below its business: its functions and its database. */
export const serviceSections = (service: Service): Section[] => [functionsSection(service), databaseSection(service)]

const legend = '{{kn_service_name}}'
const links = [toFunctionBoard()]

function functionsSection(service: Service): Section {
  const functions = functionsOf(service)
  return {
    title: 'Functions',
    panels: [
      timeseriesPanel({
        title: 'Requests by function',
        description: 'Requests answered per second, by HTTP or gRPC. A click leads to the function.',
        unit: 'reqps',
        queries: [{ expr: requests(functions), legend }],
        links,
      }),
      timeseriesPanel({
        title: 'Failed by function',
        description: 'The share of requests that a function failed to answer.',
        unit: 'percentunit',
        min: 0,
        thresholds: badAbove(0.001, 0.01),
        queries: [{ expr: failureRatio(functions), legend }],
        links,
      }),
      timeseriesPanel({
        title: 'Time to answer by function (p95)',
        description: 'Nineteen of twenty requests are answered within this time, not counting the wait for a pod.',
        unit: 's',
        min: 0,
        queries: [{ expr: latency(0.95, functions), legend }],
        links,
      }),
    ],
  }
}

function databaseSection(service: Service): Section {
  const server = databaseOf(service)
  const own = `${server},datname="${service}"`
  return {
    title: 'Database',
    panels: [
      timeseriesPanel({
        title: 'Connections',
        description: 'Connections to the database by state, and what its server allows. Pods × pool must fit below the limit.',
        unit: 'short',
        min: 0,
        width: 6,
        queries: [
          { expr: `sum by (state) (pg_stat_activity_count{${own},state=~"active|idle.*"})`, legend: '{{state}}' },
          { expr: `max(pg_settings_max_connections{${server}})`, legend: 'limit' },
        ],
      }),
      timeseriesPanel({
        title: 'Transactions',
        description: 'Transactions per second. Those rolled back failed, or lost a race and were tried again.',
        unit: 'ops',
        min: 0,
        width: 6,
        queries: [
          { expr: `sum(rate(pg_stat_database_xact_commit{${own}}[$__rate_interval]))`, legend: 'committed' },
          { expr: `sum(rate(pg_stat_database_xact_rollback{${own}}[$__rate_interval]))`, legend: 'rolled back' },
          { expr: `sum(rate(pg_stat_database_deadlocks{${own}}[$__rate_interval]))`, legend: 'deadlocks' },
        ],
      }),
      timeseriesPanel({
        title: 'Read from memory',
        description: 'The share of blocks found in the database’s own memory. Well below 99 % it reads the disk for every request.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        width: 6,
        queries: [
          {
            expr: `sum(rate(pg_stat_database_blks_hit{${own}}[5m])) / (sum(rate(pg_stat_database_blks_hit{${own}}[5m])) + sum(rate(pg_stat_database_blks_read{${own}}[5m])))`,
            legend: 'from memory',
          },
        ],
      }),
      timeseriesPanel({
        title: 'Size',
        description: 'What the database takes on its volume; the overview shows how full that is.',
        unit: 'bytes',
        min: 0,
        width: 6,
        queries: [{ expr: `max(pg_database_size_bytes{${own}})`, legend: 'size' }],
      }),
    ],
  }
}
