import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the series of a query come from: what is scraped, recording rules, or what Prometheus says of itself, such as its alerts. */
export type Source = 'functions' | 'knative' | 'kubernetes' | 'postgres' | 'rules' | 'prometheus'

export type BoardQuery = {
  /** The uid of the board. */
  readonly board: string
  /** The title of the panel, or the name of the annotation. */
  readonly panel: string
  readonly refId: string
  /** As it is on the board, with its variables; `fillVariables` gives what can be sent to Prometheus. */
  readonly expr: string
  /** Whether the panel asks for one moment and not for the range shown. */
  readonly instant: boolean
  /** How its series are named: text in which `{{label}}` stands for the value of a label. */
  readonly legend: string
  /** Of its values; empty in a table, of which each column has its own. */
  readonly unit: string
  readonly source: Source
}

type Target = {
  readonly refId?: string
  readonly expr: string
  readonly instant?: boolean
  readonly legendFormat?: string
  readonly datasource?: object
}

export type BoardPanel = {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: { readonly type?: string; readonly uid?: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly Target[]
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string; readonly links?: readonly { readonly url?: string }[] } }
}

/** A board as Grafana reads it: the part of it that is of interest here. */
export type BoardJson = {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly refresh: string
  readonly time: { readonly from: string; readonly to: string }
  readonly panels: readonly BoardPanel[]
  readonly links: readonly { readonly url?: string }[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string; readonly query?: string }[] }
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] }
}

const folder = join(import.meta.dirname, 'dashboards')

/** Every board that is committed, by file name. */
export const readBoards = (): BoardJson[] =>
  readdirSync(folder)
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as BoardJson)

/** Every query a board sends to Prometheus: those of its panels and of its annotations. */
export function queriesOf(board: BoardJson): BoardQuery[] {
  const ofPanels = board.panels.flatMap(({ type, title, fieldConfig, targets = [] }) =>
    targets.map(({ refId = 'A', expr, instant = false, legendFormat: legend = '' }) => ({
      panel: title,
      refId,
      expr,
      instant,
      legend,
      unit: type === 'table' ? '' : (fieldConfig?.defaults.unit ?? ''),
    })),
  )
  const ofAnnotations = board.annotations.list.flatMap(({ name, expr }) =>
    expr === undefined ? [] : [{ panel: name, refId: 'annotation', expr, instant: false, legend: '', unit: '' }],
  )
  return [...ofPanels, ...ofAnnotations].map((query) => ({ board: board.uid, ...query, source: sourceOf(query.expr) }))
}

export type Selector = { readonly metric: string; readonly job: string | undefined; readonly labels: readonly string[] }

/** What a query selects: each metric with the job and the labels it asks for. */
export const selectorsOf = (expr: string): Selector[] =>
  [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{((?:[^}"]|"[^"]*")*)\}/g)].map(([, metric = '', matchers = '']) => ({
    metric,
    job: /(?:^|,)\s*job="([^"]*)"/.exec(matchers)?.[1],
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map((found) => found[1] ?? ''),
  }))

const sourceOfJob: Readonly<Record<string, Source>> = {
  functions: 'functions',
  'queue-proxy': 'knative',
  activator: 'knative',
  autoscaler: 'knative',
  'kubelet-cadvisor': 'kubernetes',
  'kube-state-metrics': 'kubernetes',
  postgres: 'postgres',
}

function sourceOf(expr: string): Source {
  const sources = new Set(selectorsOf(expr).map(({ metric, job = '' }) => sourceOfJob[job] ?? sourceOfName(metric)))
  const [source = 'prometheus', ...others] = sources
  if (others.length > 0) throw new Error(`A query of several sources cannot be tested by one: ${expr}`)
  return source
}

const sourceOfName = (metric: string): Source => {
  if (metric.includes(':')) return 'rules'
  return /^(container|kube|kubelet)_/.test(metric) ? 'kubernetes' : 'prometheus'
}

/** Values for the variables of a board, by name; those of Grafana itself begin with `__`. */
export type Variables = Readonly<Record<string, string>>

/** Of everything: what a board shows before anybody has chosen. */
export const everything: Variables = {
  namespace: '.*',
  kn_service_name: '.*',
  __rate_interval: '1m',
  __interval: '1m',
  __interval_ms: '60000',
  __range: '1h',
  __range_s: '3600',
}

/** The query as Grafana would send it. Throws for a variable that has no value. */
export const fillVariables = (expr: string, variables: Variables = everything): string =>
  expr.replaceAll(/\$(?:\{(\w+)(?::\w+)?\}|([a-zA-Z_]\w*))/g, (found, braced?: string, plain?: string) => {
    const value = variables[braced ?? plain ?? '']
    if (value === undefined) throw new Error(`${found} has no value in ${expr}`)
    return value
  })
