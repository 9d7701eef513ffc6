import type postgres from 'postgres'
import type { RunningShop } from './running-shop.ts'

/** How many rows each table of each database has, and a checksum of them: two of these are equal when nothing was written between. */
export async function contentsOf({ sql }: Pick<RunningShop, 'sql'>): Promise<Record<string, unknown>> {
  const all = await Promise.all(Object.entries(sql).map(async ([service, owner]) => [service, await tablesOf(owner)] as const))
  return Object.fromEntries(all)
}

async function tablesOf(sql: postgres.Sql) {
  const tables = await sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public' order by tablename`
  return Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await sql`select count(*)::int as rows, coalesce(sum(hashtext(t::text)), 0)::text as checksum from ${sql(name)} t`
      return { name, ...row }
    }),
  )
}
