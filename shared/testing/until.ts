import { setTimeout as wait } from 'node:timers/promises'
import type postgres from 'postgres'

/** Waits until `condition` holds; fails, saying what it waited for, when it never does. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await wait(5)
  }
}

/** Waits until `count` sessions of this database wait for a lock: then the interleaving under test is set up. */
export function untilBlocked(sql: postgres.Sql, count: number): Promise<void> {
  return until(`${count} sessions wait for a lock`, async () => {
    const [row] = await sql<{ blocked: number }[]>`
      select count(distinct pid)::int as blocked from pg_locks join pg_stat_activity using (pid)
      where datname = current_database() and not granted`
    return (row?.blocked ?? 0) >= count
  })
}

/** Holds what `lock` locks until `release` is called, so that others queue behind it in a known order. */
export async function holdLock(sql: postgres.Sql, lock: (tx: postgres.TransactionSql) => Promise<unknown>) {
  const locked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const done = sql.begin(async (tx) => {
    await lock(tx)
    locked.resolve()
    await released.promise
  })
  done.catch(locked.reject)
  await locked.promise
  return {
    release: async () => {
      released.resolve()
      await done
    },
  }
}
