import { createServer, connect as connectTo, type Socket } from 'node:net'
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '#shared/testing/database.ts'
import { freePort } from '#shared/testing/port.ts'
import { until } from '#shared/testing/until.ts'
import { isUnavailable } from './errors.ts'
import { openPg, type Pg } from './pg.ts'

const things = pgTable('things', { id: integer().primaryKey(), name: text().notNull() })

/** A pool of one connection on a database that holds one thing. */
async function setup(parameters = '') {
  const { ownerUrl } = await freshDatabase('users')
  const pg = open(`${ownerUrl}${parameters}`, 1)
  await pg.db.execute(sql`create table things (id integer primary key, name text not null)`)
  await pg.db.insert(things).values({ id: 1, name: 'mug' })
  return { url: ownerUrl, pg }
}

function open(url: string, max?: number): Pg {
  const pg = openPg(url, { name: 'catalog', ...(max === undefined ? {} : { max }) })
  onTestFinished(pg.close)
  return pg
}

/** How often the connection has planned and run each statement that is prepared. */
const preparedOn = async (pg: Pg) =>
  (
    await pg.db.execute<{ statement: string; calls: number }>(
      sql`select statement, (generic_plans + custom_plans)::int as calls from pg_prepared_statements where statement not in ('select 1') and statement not like '%pg_prepared%' order by prepare_time`,
    )
  ).map(({ statement, calls }) => [statement, calls])

test("a query of the builder is prepared once and filled with each call's values", async () => {
  const { pg } = await setup()
  const find = pg.prepared('things.find', (db) =>
    db
      .select()
      .from(things)
      .where(eq(things.id, sql.placeholder('id'))),
  )
  expect(await find({ id: 1 })).toEqual([{ id: 1, name: 'mug' }])
  expect(await find({ id: 2 })).toEqual([])
  expect(await preparedOn(pg)).toEqual([['select "id", "name" from "things" where "things"."id" = $1', 2]])
})

test('a statement in SQL is prepared once and filled with each call’s values', async () => {
  const { pg } = await setup()
  const find = pg.statement<{ name: string }>('things.named', sql`select name from things where id = ${sql.placeholder('id')}::int`)
  expect(await find({ id: 1 })).toEqual([{ name: 'mug' }])
  expect(await find({ id: 2 })).toEqual([])
  expect(await preparedOn(pg)).toEqual([['select name from things where id = $1::int', 2]])
})

test('what has no values is prepared too', async () => {
  const { pg } = await setup()
  const all = pg.prepared('things.all', (db) => db.select().from(things))
  const count = pg.statement('things.count', sql`select count(*) from things`)
  for (let run = 0; run < 2; run++) expect([await all(), await count()]).toEqual([[{ id: 1, name: 'mug' }], [{ count: 1 }]])
  expect(await preparedOn(pg)).toEqual([
    ['select "id", "name" from "things"', 2],
    ['select count(*) from things', 2],
  ])
})

test('numbers of eight bytes are numbers, and JSON goes in as text', async () => {
  const { pg } = await setup()
  const sum = pg.statement<{ sum: number; big: number }>(
    'things.sum',
    sql`select sum(amount)::bigint as sum, ${sql.placeholder('big')}::bigint as big
        from jsonb_to_recordset(${sql.placeholder('items')}::jsonb) as item(amount bigint)`,
  )
  const items = JSON.stringify([{ amount: 3_000_000_000 }, { amount: 1 }])
  expect(await sum({ items, big: Number.MAX_SAFE_INTEGER })).toEqual([{ sum: 3_000_000_001, big: Number.MAX_SAFE_INTEGER }])
})

test('a statement that forgets a value fails', async () => {
  const { pg } = await setup()
  await expect(pg.statement('things.one', sql`select ${sql.placeholder('id')}::int`)({})).rejects.toThrow('id')
})

test('a statement that takes too long is cut, and the connection serves on', async () => {
  const { pg } = await setup('?statement_timeout=50')
  const sleep = pg.statement('things.sleep', sql`select pg_sleep(${sql.placeholder('seconds')}::float8)`)
  await expect(sleep({ seconds: 60 })).rejects.toMatchObject({ code: '57014' })
  await sleep({ seconds: 0 })
})

test('sessions have a name, and neither statements nor transactions may last', async () => {
  const { pg } = await setup()
  const setting = (name: string) => sql`current_setting(${sql.raw(`'${name}'`)})`
  const [row] = await pg.db.execute(sql`select ${setting('application_name')} as name, ${setting('statement_timeout')} as statement,
    ${setting('idle_in_transaction_session_timeout')} as idle`)
  expect(row).toEqual({ name: 'catalog', statement: '8s', idle: '10s' })
})

test('a query that comes while the database is being opened waits for that connection and opens none beside it', async () => {
  const { url } = await setup()
  const pg = openPg(url, { name: 'first-query' })
  onTestFinished(pg.close)
  const open = pg.statement('sessions', sql`select count(*)::int as open from pg_stat_activity where application_name = 'first-query'`)
  expect(await open()).toEqual([{ open: 1 }])
})

/** Passes connections on to a database once `up` is called; before it refuses them. */
async function gateTo(url: string) {
  const port = await freePort()
  const database = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const onward = connectTo(Number(database.port), database.hostname)
    for (const side of [socket, onward]) sockets.add(side.on('error', () => {}))
    socket.pipe(onward).pipe(socket)
  })
  const down = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
  onTestFinished(down)
  return {
    url: url.replace(database.host, `127.0.0.1:${port}`),
    down,
    up: () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve)),
  }
}

test('a function that starts before its database is ready as soon as that is there', async () => {
  const { url } = await setup()
  const gate = await gateTo(url)
  const pg = open(gate.url)
  const find = pg.prepared('things.find', (db) => db.select().from(things))
  expect(isUnavailable(await pg.ready().catch((error: unknown) => error))).toBe(true)
  expect(isUnavailable(await find().catch((error: unknown) => error))).toBe(true)
  await gate.up()
  await Promise.all([pg.ready(), pg.ready()])
  expect(await find()).toEqual([{ id: 1, name: 'mug' }])
})

test('a database that goes away is unavailable, and used again when it is back', async () => {
  const { url } = await setup()
  const gate = await gateTo(url)
  await gate.up()
  const pg = open(gate.url, 1)
  const find = pg.prepared('things.find', (db) => db.select().from(things))
  expect(await find()).toHaveLength(1)
  await gate.down()
  expect(isUnavailable(await find().catch((error: unknown) => error))).toBe(true)
  await gate.up()
  expect(await find()).toHaveLength(1)
})

test('a session ended by an administrator makes the database unavailable, and another one is used', async () => {
  const { url, pg } = await setup()
  const other = open(url, 1)
  const [session] = await other.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
  const sleep = other.statement('things.sleep', sql`select pg_sleep(${sql.placeholder('seconds')}::float8)`)
  const cut = sleep({ seconds: 60 }).catch((error: unknown) => error)
  const state = pg.statement('things.state', sql`select from pg_stat_activity where pid = ${session?.pid}::int and wait_event = 'PgSleep'`)
  await until('it sleeps', async () => (await state()).length > 0)
  await pg.db.execute(sql`select pg_terminate_backend(${session?.pid}::int)`)
  expect(isUnavailable(await cut)).toBe(true)
  // The driver may tell the next statement of the same session once more.
  await until('another session is used', async () => {
    const error = await sleep({ seconds: 0 }).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    return error === undefined || !isUnavailable(error)
  })
  await sleep({ seconds: 0 })
})
