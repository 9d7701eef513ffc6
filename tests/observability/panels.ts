import { type BoardQuery, everything, fillVariables } from '../../knative/observability/grafana/queries.ts'
import { type FunctionName, topology } from '../../scripts/topology.ts'
import { selectorsIn } from './expressions.ts'
import type { Prometheus, Series } from './prometheus.ts'

const STEP_SECONDS = 5

/**
 * What a query has shown at each moment since `from`, sent as Grafana sends it: a panel that shows one moment could have been
 * looked at in any of them. Rejects when Prometheus refuses it.
 */
export function ask(prometheus: Prometheus, { expr }: BoardQuery, from: number, kn_service_name = '.*'): Promise<Series[]> {
  return prometheus.range(fillVariables(expr, { ...everything, kn_service_name }), from, STEP_SECONDS)
}

/** What a value of each unit may be in a shop that is well and was asked a little. */
const plausible: Readonly<Record<string, (value: number, panel: string) => boolean>> = {
  percentunit: (value, panel) => value <= 1 && (value >= 0 || /budget/i.test(panel)),
  s: (value, panel) => value >= 0 && value < (/due/i.test(panel) ? 600 : 30),
  bytes: (value) => value > 1e6 && value < 2e9,
  reqps: (value) => value >= 0 && value < 1e4,
  opm: (value) => value >= 0 && value < 1e4,
  ops: (value) => value >= 0 && value < 1e5,
  none: (value) => value >= 0,
  short: (value, panel) => (/drift/i.test(panel) ? value === 0 : value >= 0 || /burst/i.test(panel)),
}

/** Where nothing but 0 would mean that nothing is measured. */
const moves = ({ unit, panel }: BoardQuery) =>
  ['reqps', 'opm', 'ops', 's'].includes(unit) && !/failed|deadlock|due|Transactions/i.test(panel)

/** What is wrong with the answer to a panel: nothing shown, no series with a label that names them, or a value that cannot be. */
export function faultsIn(query: BoardQuery, series: readonly Series[]): string[] {
  const named = `${query.board}: ${query.panel} (${query.refId})`
  const shown = series.map(({ labels, values }) => ({ labels, values: values.filter((value) => !Number.isNaN(value)) }))
  const seen = shown.filter(({ values }) => values.length > 0)
  if (seen.length === 0) return [`${named} shows nothing`]
  const wanted = [...query.legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((found) => found[1] ?? '')
  const missing = wanted.filter((label) => !seen.some(({ labels }) => (labels[label] ?? '') !== ''))
  const isPlausible = plausible[query.unit] ?? (() => true)
  // Two databases are read one after the other: while money moves between them they may differ.
  const judged = seen.flatMap(({ values }) => (/drift/i.test(query.panel) ? values.slice(-1) : values))
  const strange = judged.filter((value) => !isPlausible(value, query.panel))
  return [
    ...missing.map((label) => `${named} has no series with ${label}`),
    ...(strange.length === 0 ? [] : [`${named} shows ${strange[0]} ${query.unit}`]),
    ...(moves(query) && !seen.some(({ values }) => values.some((value) => value > 0)) ? [`${named} shows only 0`] : []),
  ]
}

/** Whether a function makes anything of what a query reads. */
export function isMadeBy(name: FunctionName, { expr }: BoardQuery): boolean {
  const { database, protocol, calls } = topology[name] as { database: object | null; protocol: string; calls: readonly string[] }
  const callsGrpc = calls.some((callee) => topology[callee as FunctionName].protocol === 'grpc')
  const callsHttp = calls.some((callee) => topology[callee as FunctionName].protocol === 'http')
  const makes: readonly (readonly [RegExp, boolean])[] = [
    [/^http_server_/, protocol === 'http'],
    [/^rpc_server_/, protocol === 'grpc'],
    [/^http_client_/, callsHttp],
    [/^rpc_client_/, callsGrpc],
    [/^db_client_/, database !== null],
  ]
  return selectorsIn(expr).some(({ metric }) => makes.find(([pattern]) => pattern.test(metric))?.[1] ?? true)
}
