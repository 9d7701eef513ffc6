import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
  type Threshold,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** The Prometheus that whoever looks at a board has chosen; the provisioned one unless another is picked. */
export const datasource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' }

/** A query and how its series are named in the legend. */
export type Query = { readonly expr: string; readonly legend: string }

export type PanelOptions = {
  readonly title: string
  /** What is shown, and what to make of it when it is not as it should be. */
  readonly description: string
  readonly unit: string
  readonly queries: readonly Query[]
  /** Of the 24 columns of a board; height is in rows. */
  readonly width?: number
  readonly height?: number
  readonly thresholds?: readonly Threshold[]
  readonly min?: number
  readonly max?: number
  readonly decimals?: number
  /** The shortest step between two points, such as `1m`. */
  readonly interval?: string
  readonly links?: readonly Builder<DashboardLink>[]
}

/** Green below `warning`, orange from there on, red from `critical` on. */
export const badAbove = (warning: number, critical: number): Threshold[] => [
  { value: null, color: 'green' },
  { value: warning, color: 'orange' },
  { value: critical, color: 'red' },
]

/** Red below `critical`, orange below `warning`, green from there on. */
export const badBelow = (warning: number, critical: number): Threshold[] => [
  { value: null, color: 'red' },
  { value: critical, color: 'orange' },
  { value: warning, color: 'green' },
]

/** Green at 0 and red on either side of it: what must balance. */
export const mustBeZero: Threshold[] = [
  { value: null, color: 'red' },
  { value: 0, color: 'green' },
  { value: 0.001, color: 'red' },
]

/** No judgement: as much as there is. */
export const informative: Threshold[] = [{ value: null, color: 'blue' }]

/** From a series, or a row of a table, to the board of its function. */
export const toFunctionBoard = (label = '${__field.labels.kn_service_name}') =>
  new DashboardLinkBuilder('Function')
    .type(DashboardLinkType.Link)
    .url(`/d/shop-function?var-kn_service_name=${label}&\${namespace:queryparam}&\${datasource:queryparam}&\${__url_time_range}`)

/** Lines over time, with each one's last and highest value. */
export const timeseriesPanel = (options: PanelOptions & { readonly stacked?: boolean; readonly bars?: boolean }): Builder<Panel> => {
  const panel = configure(new TimeseriesBuilder(), { width: 8, height: 8, ...options })
    .lineWidth(1)
    .fillOpacity(options.stacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  if (options.bars) panel.drawStyle(GraphDrawStyle.Bars)
  if (options.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
  if (options.thresholds) panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  return withQueries(panel, options.queries)
}

/** One number per series as it is now, coloured by its thresholds. It is asked for once: some look back over weeks. */
export const statPanel = (options: PanelOptions & { readonly thresholds: readonly Threshold[] }): Builder<Panel> => {
  const panel = configure(new StatBuilder(), { width: 4, height: 4, ...options })
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
  return withQueries(panel, options.queries, 'instant')
}

/** States side by side over time, one line per series, named and coloured by `mappings`. */
export const stateTimelinePanel = (options: PanelOptions & { readonly mappings: ValueMapping[] }): Builder<Panel> => {
  const panel = configure(new StateTimelineBuilder(), { width: 12, height: 8, ...options })
    .mappings(options.mappings)
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .rowHeight(0.8)
    .fillOpacity(70)
    .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true))
  return withQueries(panel, options.queries)
}

export type Column = {
  readonly title: string
  readonly expr: string
  readonly unit: string
  readonly thresholds?: readonly Threshold[]
}

/** A row per value of `label`, a column per query. */
export const tablePanel = (
  options: Omit<PanelOptions, 'queries' | 'unit' | 'thresholds' | 'links'> & {
    readonly label: string
    readonly heading: string
    readonly link?: Builder<DashboardLink>
    readonly columns: readonly Column[]
    /** What else of the labels to show. */
    readonly keep?: readonly string[]
  },
): Builder<Panel> => {
  const { columns, label, heading, link, keep = [] } = options
  const panel = configure(new TableBuilder(), { width: 24, height: 9, ...options, unit: 'short' })
  for (const [index, { title, expr, unit, thresholds }] of columns.entries()) {
    const refId = refIdOf(index)
    panel.withTarget(query({ expr, legend: '' }, refId).instant().format(PromQueryFormat.Table))
    panel.overrideByName(title, [
      { id: 'unit', value: unit },
      ...(thresholds
        ? [
            { id: 'thresholds', value: absolute(thresholds).build() },
            { id: 'custom.cellOptions', value: { type: 'color-text' } },
          ]
        : []),
    ])
  }
  if (link) panel.overrideByName(heading, [{ id: 'links', value: [link.build()] }])
  const renamed = columns.map(({ title }, index) => [`Value${columns.length === 1 ? '' : ` #${refIdOf(index)}`}`, title])
  return panel
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'filterFieldsByName', options: { include: { names: [label, ...keep, ...renamed.map(([value]) => value)] } } })
    .withTransformation({ id: 'organize', options: { renameByName: { [label]: heading, ...Object.fromEntries(renamed) } } })
}

type Configurable = {
  title: (title: string) => unknown
  description: (description: string) => unknown
  datasource: (datasource: DataSourceRef) => unknown
  unit: (unit: string) => unknown
  span: (width: number) => unknown
  height: (height: number) => unknown
  min: (min: number) => unknown
  max: (max: number) => unknown
  decimals: (decimals: number) => unknown
  interval: (interval: string) => unknown
  thresholds: (thresholds: Builder<ThresholdsConfig>) => unknown
  dataLinks: (links: Builder<DashboardLink>[]) => unknown
}

type Common = Omit<PanelOptions, 'queries'> & { readonly width: number; readonly height: number }

function configure<P extends Configurable>(panel: P, { links, thresholds, min, max, decimals, interval, ...options }: Common): P {
  panel.title(options.title)
  panel.description(options.description)
  panel.datasource(datasource)
  panel.unit(options.unit)
  panel.span(options.width)
  panel.height(options.height)
  if (min !== undefined) panel.min(min)
  if (max !== undefined) panel.max(max)
  if (decimals !== undefined) panel.decimals(decimals)
  if (interval !== undefined) panel.interval(interval)
  if (thresholds) panel.thresholds(absolute(thresholds))
  if (links) panel.dataLinks([...links])
  return panel
}

const absolute = (steps: readonly Threshold[]) => new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps])

const refIdOf = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index)

const query = ({ expr, legend }: Query, refId: string) =>
  new DataqueryBuilder().datasource(datasource).expr(expr).legendFormat(legend).refId(refId)

function withQueries<P extends Builder<Panel> & { withTarget: (target: ReturnType<typeof query>) => unknown }>(
  panel: P,
  queries: readonly Query[],
  kind: 'range' | 'instant' = 'range',
): P {
  for (const [index, each] of queries.entries()) panel.withTarget(query(each, refIdOf(index))[kind]())
  return panel
}
