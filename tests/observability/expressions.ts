/** One metric that an expression reads: its name, its job, and the labels it is chosen by. */
export type Selector = { readonly metric: string; readonly job: string | undefined; readonly labels: readonly string[] }

const keywords = new Set([
  'and',
  'or',
  'unless',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'offset',
  'bool',
  'inf',
  'nan',
])

/** What an expression of PromQL reads. */
export function selectorsIn(expr: string): Selector[] {
  const bare = expr
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\boffset\s+\w+/g, ' ')
  return [...bare.matchAll(/"[^"]*"|([a-zA-Z_:][\w:]*)\s*(?:\{((?:[^}"]|"[^"]*")*)\}|(\())?/g)].flatMap(
    ([, metric, matchers = '', called]) => {
      if (metric === undefined || called !== undefined || keywords.has(metric.toLowerCase())) return []
      // A label that must be empty is one that a series does not have.
      const labels = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].filter(([text]) => !/[^!]=""$/.test(text))
      const job = labels.find(([, name]) => name === 'job')?.[2]
      return [{ metric, job, labels: labels.map(([, name = '']) => name).filter((name) => name !== 'job') }]
    },
  )
}

/** The same metric with each of its labels, whatever their values: what must be there for the expression ever to have a result. */
export function existenceOf({ metric, job, labels }: Selector): string {
  const matchers = [...(job === undefined ? [] : [`job="${job}"`]), ...labels.map((label) => `${label}!=""`)]
  return `count(${metric}{${matchers.join(',')}})`
}
