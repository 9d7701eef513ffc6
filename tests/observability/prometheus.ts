import { request } from 'undici'
import type { Labels } from './exposition.ts'

/** One series of an answer, with its values in the order of time. */
export type Series = { readonly labels: Labels; readonly values: readonly number[] }
/** A recording rule or an alert as Prometheus has loaded it; `lastError` says why it could not be evaluated. */
export type Rule = {
  readonly type: 'recording' | 'alerting'
  readonly name: string
  readonly query: string
  readonly health: 'ok' | 'err' | 'unknown'
  readonly lastError?: string
  readonly labels?: Labels
  readonly annotations?: Labels
}
export type Target = { readonly labels: Labels; readonly health: string; readonly lastError: string }

/** Asks a Prometheus by its HTTP API. */
export type Prometheus = {
  /** What an expression is now. Rejects with what Prometheus has against it. */
  readonly query: (expr: string) => Promise<Series[]>
  /** What an expression has been since `from` (in seconds since 1970), every `stepSeconds`. */
  readonly range: (expr: string, from: number, stepSeconds: number) => Promise<Series[]>
  readonly rules: () => Promise<Rule[]>
  readonly targets: () => Promise<Target[]>
}

type Sample = { readonly metric: Labels; readonly value?: [number, string]; readonly values?: [number, string][] }
type Result = { readonly resultType: string; readonly result: Sample[] | [number, string] }

export function prometheusAt(url: string): Prometheus {
  async function ask<T>(path: string, parameters: Record<string, string> = {}): Promise<T> {
    const { body } = await request(`${url}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(parameters).toString(),
    })
    const answer = (await body.json()) as { data: T; error?: string }
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.data
  }
  async function get<T>(path: string): Promise<T> {
    const { body } = await request(`${url}/api/v1/${path}`)
    return ((await body.json()) as { data: T }).data
  }
  return {
    query: async (query) => toSeries(await ask<Result>('query', { query })),
    range: async (query, from, stepSeconds) => {
      const end = Date.now() / 1000
      return toSeries(await ask<Result>('query_range', { query, start: String(from), end: String(end), step: String(stepSeconds) }))
    },
    rules: async () => (await get<{ groups: { rules: Rule[] }[] }>('rules')).groups.flatMap(({ rules }) => rules),
    targets: async () => (await get<{ activeTargets: Target[] }>('targets')).activeTargets,
  }
}

function toSeries({ resultType, result }: Result): Series[] {
  if (resultType === 'scalar') return [{ labels: {}, values: [Number(result[1])] }]
  return (result as Sample[]).map(({ metric, value, values }) => ({
    labels: metric,
    values: (values ?? (value ? [value] : [])).map(([, text]) => Number(text)),
  }))
}
