import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  defaultGridPos,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  type RowPanel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { layOut } from './layout.ts'
import { datasource } from './panels.ts'

/** The boards, by the uid under which each is linked to and found again after every change. */
export const boardTitles = {
  'shop-overview': 'Overview',
  'shop-function': 'Function',
  'shop-autoscaling': 'Autoscaling',
  'shop-books': 'Books',
  'shop-users': 'Users',
  'shop-inventory': 'Inventory',
  'shop-orders': 'Orders',
  'shop-payments': 'Payments',
} as const
export type BoardUid = keyof typeof boardTitles

export type Section = { readonly title: string; readonly panels: readonly Builder<Panel>[] }

export type BoardOptions = {
  readonly uid: BoardUid
  readonly description: string
  /** Whether one function is chosen, any number of them, or there is nothing to choose. */
  readonly functions?: 'one' | 'many'
  readonly sections: readonly Section[]
}

/** A board with what all of them share: variables, links to the others, deployments marked, refreshed every half minute. */
export function board({ uid, description, functions, sections }: BoardOptions): Dashboard {
  const builder = new DashboardBuilder(`Shop / ${boardTitles[uid]}`)
    .uid(uid)
    .description(description)
    .tags(['shop'])
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([datasourceVariable(), namespaceVariable(), ...(functions ? [functionVariable(functions)] : [])])
    .annotations([deployments()])
    .links(Object.entries(boardTitles).map(([other, title]) => linkTo(other, title)))
  return unfolded({ ...builder.build(), panels: place(sections) })
}

/** The builders' default folds links and annotations away into a menu, where nobody finds them. */
const unfolded = (made: Dashboard) =>
  JSON.parse(
    JSON.stringify(made, (key, value: unknown) => (key === 'placement' && value === 'inControlsMenu' ? undefined : value)),
  ) as Dashboard

/** The panels of all sections where they stand, under ids that are theirs alone. */
function place(sections: readonly Section[]): (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = []
  let top = 0
  for (const { title, panels } of sections) {
    const made = panels.map((panel) => panel.build())
    const { positions, bottom } = layOut(
      made.map(({ gridPos }) => gridPos ?? defaultGridPos()),
      top + 1,
    )
    const row = new RowBuilder(title).gridPos({ x: 0, y: top, w: 24, h: 1 }).build()
    placed.push(row, ...made.map((panel, index) => ({ ...panel, ...(positions[index] && { gridPos: positions[index] }) })))
    top = bottom
  }
  return placed.map((panel, index) => ({ ...panel, id: index + 1 }))
}

const linkTo = (uid: string, title: string) =>
  new DashboardLinkBuilder(title).type(DashboardLinkType.Link).icon('dashboard').url(`/d/${uid}`).keepTime(true).includeVars(true)

const datasourceVariable = () =>
  new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type('prometheus')
    .current({ text: 'Prometheus', value: 'prometheus', selected: true })

/** Functions scaled to zero have no series of their own, so the autoscaler's are asked too. */
const everyFunction = '{__name__=~"process_uptime_seconds|kn_revision_pods_count"'

const namespaceVariable = () =>
  queryVariable('namespace', 'Namespace', `label_values(${everyFunction}}, k8s_namespace_name)`)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current(all)

function functionVariable(functions: 'one' | 'many') {
  const query = `label_values(${everyFunction},k8s_namespace_name=~"$namespace"}, kn_service_name)`
  const variable = queryVariable('kn_service_name', 'Function', query)
  return functions === 'one'
    ? variable.current({ text: 'edge', value: 'edge', selected: true })
    : variable.multi(true).includeAll(true).allValue('.*').current(all)
}

const all = { text: 'All', value: '$__all', selected: true }

const queryVariable = (name: string, label: string, query: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)

/**
 * A revision that the autoscaler did not know within the hour before: it knows a revision also while that is scaled to zero,
 * so that a cold start is no deployment.
 */
function deployments() {
  const revisions = 'kn_revision_pods_desired{job="autoscaler",k8s_namespace_name=~"$namespace"}'
  const by = 'kn_service_name, kn_revision_name'
  return new AnnotationQueryBuilder()
    .name('Deployments')
    .datasource(datasource)
    .enable(true)
    .iconColor('blue')
    .expr(`count by (${by}) (${revisions}) unless count by (${by}) (last_over_time(${revisions}[1h] offset 1m))`)
    .step('1m')
    .titleFormat('{{kn_service_name}}')
    .textFormat('{{kn_revision_name}} is deployed')
}
