import { type PanelOptions, timeseriesPanel } from '../panels.ts'
import { grown } from '../promql.ts'

/** What happened to the business per minute, stacked by the label that tells the outcomes apart. */
export const perMinutePanel = (options: Omit<PanelOptions, 'queries' | 'unit'> & { metric: string; where: string; by?: string }) => {
  const { metric, where, by = 'outcome' } = options
  const legend = by
    .split(', ')
    .map((label) => `{{${label}}}`)
    .join(' ')
  const expr = `${grown(metric, where, by, '$__interval')} * 60000 / $__interval_ms`
  return timeseriesPanel({ ...options, unit: 'opm', min: 0, stacked: true, bars: true, interval: '1m', queries: [{ expr, legend }] })
}

/** The share of what happened within a quarter of an hour that matches, per outcome; nothing while nothing happened. */
export const shareOf = (matchers: string, metric: string, where: string) =>
  `${grown(metric, `${where},${matchers}`, 'outcome', '15m')} / on () group_left () (sum(${grown(metric, where, 'outcome', '15m')}) > 0)`
