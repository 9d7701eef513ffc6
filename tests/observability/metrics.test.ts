import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { findDestination } from '../../functions/edge/routes.ts'
import { type BoardQuery, queriesOf, readBoards } from '../../knative/observability/grafana/queries.ts'
import { type Observers, startObservers } from '../../scripts/observers.ts'
import { functionNames, services } from '../../scripts/topology.ts'
import { type RunningShop, startTestShop } from '../e2e/running-shop.ts'
import { askedInside, askedOutside, countedBy, sorted } from './counts.ts'
import { existenceOf, selectorsIn } from './expressions.ts'
import { startKnativeExporter } from './knative-exporter.ts'
import { ask, faultsIn, isMadeBy } from './panels.ts'
import { type Prometheus, prometheusAt, type Rule } from './prometheus.ts'
import { routes, type Tally } from './tally.ts'
import { driveShop } from './traffic.ts'
import { listenToGateway } from './webhook-endpoint.ts'

const boards = readBoards()

let startedAt = 0
let shop: RunningShop
let dataFolder: string
let deafen: () => Promise<void>
let knative: Awaited<ReturnType<typeof startKnativeExporter>>
let observers: Observers
let prometheus: Prometheus
/** What was sent from outside, as the functions must count it. */
const sent: Tally = new Map()

/** Some rules are evaluated once a minute, and some of those from what others have recorded: by then all must be there. */
const COMPLETE_AFTER_SECONDS = 200
const whenComplete = () => ({ timeout: Math.max(5_000, (startedAt + COMPLETE_AFTER_SECONDS) * 1000 - Date.now()), interval: 1_000 })

const soon = { timeout: 30_000, interval: 250 }

beforeAll(async () => {
  startedAt = Date.now() / 1000
  dataFolder = await mkdtemp(join(tmpdir(), 'shop-observability-'))
  shop = await startTestShop()
  deafen = await listenToGateway(shop)
  knative = await startKnativeExporter()
  observers = await startObservers(shop, { dataFolder, intervalMs: 1_000, jobs: knative.jobs })
  if (observers.missing.length > 0) throw new Error(observers.missing.join('\n'))
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
  await deafen?.()
  await rm(dataFolder, { recursive: true, force: true })
})

test('Prometheus counts every request that was sent, by route and status', async () => {
  await expect.poll(async () => sorted(askedOutside(await countedBy(prometheus))), soon).toEqual(sorted(sent))
})

test('every call between functions is counted by the one that makes it and by the one that answers', async () => {
  const counts = await countedBy(prometheus)
  expect(sorted(counts.calls)).toEqual(sorted(askedInside(counts)))
})

test('every route was asked rightly and wrongly', () => {
  const wasAsked = (name: string, status: string) => [...sent.keys()].some((line) => line.startsWith(`${name} ${status}`))
  const untried = routes.flatMap(({ method, path }) => {
    const destination = findDestination(method, path)
    const name = `${destination && 'to' in destination ? destination.to : ''} ${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`
    const wrongly = wasAsked(name, '4') || wasAsked(`edge DELETE ${destination?.path}`, '405')
    return wasAsked(name, '2') && wrongly ? [] : [name]
  })
  expect(untried).toEqual([])
})

test('everything that is to be read can be read', async () => {
  const targets = await prometheus.targets()
  expect(targets.filter(({ health }) => health !== 'up').map(({ labels, lastError }) => [labels['job'], lastError])).toEqual([])
  expect(targets).toHaveLength(functionNames.length * 2 + services.length + 4)
})

test.each(boards.map((board) => [board.title, board] as const))('every panel of %s shows what it promises', async (_, board) => {
  const queries = queriesOf(board)
  // Nothing fires in a shop that is well.
  const mayBeEmpty = ({ source }: BoardQuery) => source === 'prometheus'
  await vi.waitFor(async () => {
    const answers = await Promise.all(queries.map(async (query) => ({ query, series: await ask(prometheus, query, startedAt) })))
    const shown = answers.filter(({ query, series }) => series.length > 0 || !mayBeEmpty(query))
    expect(shown.flatMap(({ query, series }) => faultsIn(query, series))).toEqual([])
  }, whenComplete())
})

test.each(functionNames)('the board of a function shows everything about %s', async (name) => {
  const board = boards.find(({ uid }) => uid === 'shop-function')
  const queries = (board ? queriesOf(board) : []).filter((query) => query.source === 'functions' && isMadeBy(name, query))
  expect(queries.length).toBeGreaterThan(15)
  await vi.waitFor(async () => {
    const answers = await Promise.all(queries.map(async (query) => ({ query, series: await ask(prometheus, query, startedAt, name) })))
    expect(answers.flatMap(({ query, series }) => (series.length > 0 ? [] : [`${query.panel} (${query.refId}) shows nothing`]))).toEqual([])
  }, whenComplete())
})

test('every rule is evaluated without an error, and what is recorded is there to be asked for', async () => {
  await vi.waitFor(async () => {
    const rules = await prometheus.rules()
    expect(rules.filter(({ health }) => health !== 'ok').map(({ name, health, lastError }) => [name, health, lastError])).toEqual([])
    const recorded = [...new Set(rules.filter(({ type }) => type === 'recording').map(({ name }) => name))]
    expect(recorded.length).toBeGreaterThan(0)
    expect(await namesWithout(recorded)).toEqual([])
  }, whenComplete())
})

test('every alert could fire: all it reads is there, under the labels it asks for', async () => {
  const alerts = (await prometheus.rules()).filter(({ type }) => type === 'alerting')
  expect(alerts.length).toBeGreaterThan(0)
  for (const { query } of alerts) await prometheus.query(query)
  await vi.waitFor(async () => expect(await blindSpots(alerts)).toEqual([]), whenComplete())
})

test('nothing rings in a shop that is well', async () => {
  const firing = await prometheus.query('ALERTS{alertstate="firing"}')
  expect(firing.map(({ labels }) => labels)).toEqual([])
})

/** Waits until Prometheus has scraped all that was sent so far; fails with the difference when it finds more, or less. */
const untilCounted = () => vi.waitFor(async () => expect(sorted(askedOutside(await countedBy(prometheus)))).toEqual(sorted(sent)), soon)

async function namesWithout(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map(async (name) => ((await prometheus.query(`count(${name})`)).length > 0 ? [] : [name])))
  return found.flat()
}

async function blindSpots(rules: readonly Rule[]): Promise<string[]> {
  const read = rules.flatMap(({ name, query }) => selectorsIn(query).map((selector) => ({ name, expr: existenceOf(selector) })))
  const found = await Promise.all(
    read.map(async ({ name, expr }) => ((await prometheus.query(expr)).length > 0 ? [] : [`${name}: ${expr}`])),
  )
  return [...new Set(found.flat())]
}
