import { describe, expect, test } from 'vitest'
import { boardTitles } from '../../knative/observability/grafana/board.ts'
import { makeBoards } from '../../knative/observability/grafana/boards.ts'
import { type BoardPanel, fillVariables, queriesOf, readBoards, selectorsOf } from '../../knative/observability/grafana/queries.ts'
import { functionNames, services, topology } from '../../scripts/topology.ts'
import { businessInstruments, exporterQueries, isNamed, knowsMetric } from './known-metrics.ts'
import { namesIn, read } from './tree.ts'

const folder = 'knative/observability/grafana'
const boards = readBoards()
const queries = boards.flatMap(queriesOf)
const shown = [...new Set(queries.flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric)))]

test('there is a board of everything an operator looks for, committed as it would be generated now', () => {
  expect(namesIn(`${folder}/dashboards`)).toEqual(
    Object.keys(boardTitles)
      .map((uid) => `${uid}.json`)
      .toSorted(),
  )
  const stale = makeBoards().filter((board) => read(`${folder}/dashboards/${board.uid}.json`) !== `${JSON.stringify(board, null, 2)}\n`)
  expect(stale.map(({ uid }) => `${uid} is not what npm run generate would write now`)).toEqual([])
})

describe.each(boards.map((board) => [board.uid, board] as const))('%s', (_, board) => {
  const panels = board.panels.filter(({ type }) => type !== 'row')

  test('says what it is for, chooses its data source and namespace, and refreshes itself', () => {
    expect(board.description).toMatch(/\.$/)
    expect(board.refresh).toBe('30s')
    expect(board.time).toEqual({ from: 'now-1h', to: 'now' })
    expect(board.templating.list.map(({ name }) => name)).toEqual(expect.arrayContaining(['datasource', 'namespace']))
    expect(board.annotations.list.map(({ name }) => name)).toContain('Deployments')
  })

  test('every panel says what it shows, in which unit, and asks the chosen data source', () => {
    const chosen = { type: 'prometheus', uid: '${datasource}' }
    const described = expect.stringMatching(/^[A-Z].*\.$/) as string
    for (const panel of panels)
      expect(panel).toEqual(
        expect.objectContaining({
          title: expect.stringMatching(/^\S.*\S$/) as string,
          description: described,
          datasource: chosen,
          fieldConfig: expect.objectContaining({
            defaults: expect.objectContaining({ unit: expect.stringMatching(/^\w+$/) as string }) as object,
          }) as object,
        }),
      )
    expect(panels.filter(({ targets = [] }) => targets.length === 0)).toEqual([])
    for (const target of panels.flatMap(({ targets = [] }) => targets))
      expect(target).toEqual(expect.objectContaining({ datasource: chosen, expr: expect.stringMatching(/./) as string }))
  })

  test('no panel covers another, or has its id', () => {
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length)
    expect(board.panels.filter((panel, index) => board.panels.slice(index + 1).some((other) => overlap(panel, other)))).toEqual([])
    expect(board.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([])
  })

  test('leads to every other board, and to no board that does not exist', () => {
    expect(board.links.map(({ url }) => url)).toEqual(Object.keys(boardTitles).map((uid) => `/d/${uid}`))
    const targets = [...JSON.stringify(board).matchAll(/\/d\/([a-z-]+)/g)].map((found) => found[1])
    expect(targets.filter((uid) => !boards.some((other) => other.uid === uid))).toEqual([])
  })
})

test('every metric of the business stands on a board', () => {
  const instruments = businessInstruments()
  expect(instruments).toContain('shop.orders')
  expect(instruments.filter((instrument) => !shown.some((metric) => isNamed(metric, instrument)))).toEqual([])
})

test('every metric that the databases are asked for stands on a board', () => {
  expect(exporterQueries()).toContain('shop_stock_drift')
  expect(exporterQueries().filter((metric) => !shown.includes(metric))).toEqual([])
})

test('a board asks for no metric that nobody makes', () => {
  const knows = knowsMetric()
  expect(shown.filter((metric) => !knows(metric))).toEqual([])
})

test('every query names the job it is fed by, unless only one thing can make the metric', () => {
  const unnamed = queries.flatMap(({ expr }) => selectorsOf(expr)).filter(({ job }) => job === undefined)
  expect(
    [...new Set(unnamed.map(({ metric }) => metric))].filter((metric) => !/^(ALERTS|kubelet_volume_stats_\w+|\w+(:\w+)+)$/.test(metric)),
  ).toEqual([])
  // What is left when selectors, groupings and functions are gone would be a metric without a selector.
  expect(queries.filter(({ expr }) => bare(fillVariables(expr)).length > 0).map(({ panel, expr }) => `${panel}: ${expr}`)).toEqual([])
})

test('every function is on the board of its service', () => {
  for (const service of services) {
    const board = boards.find(({ uid }) => uid === `shop-${service}`)
    const named = functionNames.filter((name) => topology[name].database?.service === service).join('|')
    expect(JSON.stringify(board)).toContain(JSON.stringify(`kn_service_name=~"${named}"`).slice(1, -1))
  }
})

test('Grafana is given the data source that the boards choose, and the folder they are in', () => {
  const uid = /^ {4}uid: (\S+)$/m.exec(read(`${folder}/provisioning/datasources/prometheus.yaml`))?.[1]
  for (const board of makeBoards()) expect(board.templating?.list?.find(({ name }) => name === 'datasource')?.current?.value).toBe(uid)
  expect(read(`${folder}/provisioning/dashboards/shop.yaml`)).toMatch(/^ {6}path: \/etc\/grafana\/dashboards$/m)
})

const overlap = ({ gridPos: a }: BoardPanel, { gridPos: b }: BoardPanel) =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

const language = new Set(
  `sum max min count avg by without on ignoring group_left group_right bool offset and or unless rate increase clamp_min vector label_replace
  histogram_quantile count_over_time sum_over_time last_over_time max_over_time min_over_time abs`.split(/\s+/),
)
const bare = (expr: string) =>
  expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/[a-zA-Z_:][\w:]*\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]|offset \w+/g, '')
    .replaceAll(/\b(by|on|group_left|without|ignoring) \([^)]*\)/g, '')
    .match(/[a-zA-Z_]\w*/g)
    ?.filter((word) => !language.has(word)) ?? []
