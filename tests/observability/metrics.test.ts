import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Observers, startObservers } from '../../scripts/observers.ts'
import { type RunningShop, startTestShop } from '../e2e/running-shop.ts'
import { startKnativeExporter } from './knative-exporter.ts'
import { type Prometheus, prometheusAt } from './prometheus.ts'
import type { Tally } from './tally.ts'
import { driveShop } from './traffic.ts'

let shop: RunningShop
let dataFolder: string
let knative: Awaited<ReturnType<typeof startKnativeExporter>>
let observers: Observers
let prometheus: Prometheus
const sent: Tally = new Map()

const patience = { timeout: 30_000, interval: 250 }

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'shop-observability-'))
  shop = await startTestShop()
  knative = await startKnativeExporter()
  observers = await startObservers(shop, { dataFolder, intervalMs: 1_000, jobs: knative.jobs })
  expect(observers.missing).toEqual([])
  prometheus = prometheusAt(observers.url ?? '')
  await driveShop(shop, sent)
  await untilCounted()
  // Rates are seen from the second time on that something is counted.
  await driveShop(shop, sent)
})
afterAll(async () => {
  await observers?.stop()
  await knative?.close()
  await shop?.stop()
  await rm(dataFolder, { recursive: true, force: true })
})

test('Prometheus has counted every request that was sent and every call between functions, by route and status', async () => {
  await untilCounted()
})

/** Waits until Prometheus has scraped everything; fails with the difference when it finds more, or less. */
const untilCounted = () => vi.waitFor(async () => expect(await counted()).toEqual(sorted(sent)), patience)

/** What functions have counted according to Prometheus, by the lines of a tally. */
async function counted(): Promise<Record<string, number>> {
  const found = await Promise.all([
    countsOf('http_server_request_duration_seconds', ({ http_request_method, http_route, http_response_status_code }) => [
      http_request_method,
      http_route,
      http_response_status_code,
    ]),
    countsOf('rpc_server_call_duration_seconds', ({ rpc_method, rpc_response_status_code }) => [
      rpc_method?.split('/')[1],
      rpc_response_status_code,
    ]),
    countsOf('http_client_request_duration_seconds', (labels) => [
      '>',
      labels['service_peer_name'],
      labels['http_request_method'],
      labels['http_response_status_code'],
    ]),
    countsOf('rpc_client_call_duration_seconds', (labels) => [
      '>',
      labels['service_peer_name'],
      labels['rpc_method']?.split('/')[1],
      labels['rpc_response_status_code'],
    ]),
  ])
  return sorted(new Map(found.flat()))
}

async function countsOf(histogram: string, name: (labels: Record<string, string | undefined>) => (string | undefined)[]) {
  const series = await prometheus.query(`${histogram}_count{job="functions"}`)
  return series.map(({ labels, values }) => [[labels['kn_service_name'], ...name(labels)].join(' '), values[0] ?? 0] as const)
}

const sorted = (tally: Tally) => Object.fromEntries([...tally].toSorted(([one], [other]) => (one < other ? -1 : 1)))
