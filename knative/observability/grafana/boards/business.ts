import { type PanelOptions, timeseriesPanel } from '../panels.ts'

/** What happened to the business per minute, stacked by the label that tells the outcomes apart. */
export const perMinutePanel = (options: Omit<PanelOptions, 'queries' | 'unit'> & { metric: string; where: string; by?: string }) => {
  const { metric, where, by = 'outcome' } = options
  const legend = by
    .split(', ')
    .map((label) => `{{${label}}}`)
    .join(' ')
  const expr = `60 * sum by (${by}) (rate(${metric}{${where}}[$__rate_interval]))`
  return timeseriesPanel({ ...options, unit: 'opm', min: 0, stacked: true, queries: [{ expr, legend }] })
}
