export type Labels = Readonly<Record<string, string>>
export type Sample = { readonly labels: Labels; readonly value: number }
/** One metric with its samples, or one histogram with what was observed. */
export type Family =
  | { readonly name: string; readonly type: 'gauge' | 'counter'; readonly samples: readonly Sample[] }
  | { readonly name: string; readonly type: 'histogram'; readonly histograms: readonly Observed[] }
/** `count` observations of which nine of ten took `usual` and the others `rare`. */
export type Observed = { readonly labels: Labels; readonly bounds: readonly number[]; readonly count: number; usual: number; rare: number }

/** A page in the text format of Prometheus. */
export const expositionOf = (families: readonly Family[]): string =>
  families.map((family) => [`# TYPE ${family.name} ${family.type}`, ...linesOf(family), ''].join('\n')).join('')

function linesOf(family: Family): string[] {
  if (family.type !== 'histogram') return family.samples.map(({ labels, value }) => line(family.name, labels, value))
  return family.histograms.flatMap((observed) => histogramLines(family.name, observed))
}

function histogramLines(name: string, { labels, bounds, count, usual, rare }: Observed): string[] {
  const seldom = Math.floor(count / 10)
  const atMost = (bound: number) => (usual <= bound ? count - seldom : 0) + (rare <= bound ? seldom : 0)
  return [
    ...bounds.map((bound) => line(`${name}_bucket`, { ...labels, le: String(bound) }, atMost(bound))),
    line(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    line(`${name}_sum`, labels, usual * (count - seldom) + rare * seldom),
    line(`${name}_count`, labels, count),
  ]
}

const line = (name: string, labels: Labels, value: number) => {
  const inside = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
  return `${name}{${inside.join(',')}} ${value}`
}
