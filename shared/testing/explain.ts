import { fillPlaceholders, type SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'

/** One node of a plan, as `explain (format json)` names its parts. */
export type PlanNode = Readonly<{
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Rows Removed by Filter'?: number
}>

type Tree = PlanNode & { readonly Plans?: readonly Tree[] }

/**
 * Runs a statement and gives the nodes of the plan PostgreSQL took: the generic one, which the prepared statement of a running
 * function comes to whatever its values are.
 */
export async function explain(sql: Sql, template: SQL, values: Readonly<Record<string, string | number>>): Promise<PlanNode[]> {
  const { sql: text, params } = new PgDialect().sqlToQuery(template)
  const literals = fillPlaceholders(params, { ...values }).map((value) => `'${String(value).replaceAll("'", "''")}'`)
  const connection = await sql.reserve()
  try {
    await connection.unsafe(`set plan_cache_mode = force_generic_plan; prepare explained as ${text}`)
    const execute = literals.length > 0 ? `execute explained (${literals.join(', ')})` : 'execute explained'
    const [row] = await connection.unsafe<{ 'QUERY PLAN': { Plan: Tree }[] }[]>(`explain (analyze, format json) ${execute}`)
    return (row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => flatten(Plan))
  } finally {
    await connection.unsafe('reset plan_cache_mode; deallocate all')
    connection.release()
  }
}

const flatten = (node: Tree): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)]

/** The most rows one node read each time it ran, also those it read in vain: what a scan or a sort of a whole table shows in. */
export const largestRead = (plan: readonly PlanNode[]): number =>
  Math.max(...plan.map((node) => node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)))
