import { fillPlaceholders, type SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { gauge, histogram } from '#shared/telemetry/metrics.ts'
import { startSpan } from '#shared/telemetry/trace.ts'

const duration = histogram('db.client.operation.duration', {
  description: 'Duration of database client operations',
  unit: 's',
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
})

type Values = Readonly<Record<string, unknown>>
type Preparable<Result> = { prepare: (name: string) => { execute: (values?: Record<string, unknown>) => Promise<Result> } }

/** A function's connection to its one database. */
export type Pg = {
  readonly db: PostgresJsDatabase
  /** A query of Drizzle's builder, prepared under `name`; values fill its `sql.placeholder()`s. */
  readonly prepared: <Result>(name: string, build: (db: PostgresJsDatabase) => Preparable<Result>) => (values?: Values) => Promise<Result>
  /**
   * One statement written in SQL (common table expressions, mostly), prepared under `name`. Values fill its
   * `sql.placeholder()`s as text: JSON must be a string, and rows come back as PostgreSQL names their columns.
   */
  readonly statement: <Row>(name: string, template: SQL) => (values?: Values) => Promise<Row[]>
  /** Resolves when the database has answered once; rejects when it cannot be reached. */
  readonly ready: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Operations under way, of all pools of this process. */
let active = 0

async function timed<T>(name: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now()
  active += 1
  const attributes: Record<string, string> = { 'db.system.name': 'postgresql', 'db.query.summary': name }
  const span = startSpan('client', name, { attributes })
  try {
    const result = await span.run(run)
    span.end()
    return result
  } catch (error) {
    attributes['error.type'] = error instanceof Error && 'code' in error ? String(error.code) : 'other'
    // The error itself may hold parameters.
    span.end({ attributes, error: new Error(attributes['error.type']) })
    throw error
  } finally {
    active -= 1
    duration.record((performance.now() - start) / 1000, attributes)
  }
}

const dialect = new PgDialect()

/** Opens a small pool and starts to connect at once: a scaled-out function has many pods and PostgreSQL few connections. */
export function openPg(url: string, { name, max = 4 }: { name: string; max?: number }): Pg {
  const client = postgres(url, {
    max,
    // The types query would cost a cold function a round trip; arrays are passed as JSON instead.
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => {},
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    connection: { application_name: name, statement_timeout: 8_000, idle_in_transaction_session_timeout: 10_000 },
  })
  // The driver sends what has no parameters in the simple protocol, which prepares nothing, unless it is told not to.
  const unsafe = client.unsafe.bind(client)
  const notSimple: postgres.UnsafeQueryOptions & { simple: false } = { prepare: true, simple: false }
  client.unsafe = (text, params, options) => unsafe(text, params, options?.prepare ? notSimple : options)
  const db = drizzle(client)
  measurePool(max)
  // A query beside the one that opens the first connection would open a second: two logins, where a cold function needs one.
  let answered: Promise<void> | undefined
  const ready = () => {
    answered ??= client.unsafe('select 1').then(
      () => {},
      (error: unknown) => {
        answered = undefined
        throw error
      },
    )
    return answered
  }
  ready().catch(() => {})
  return {
    db,
    prepared: (statementName, build) => {
      const query = build(db).prepare(statementName)
      return (values = {}) =>
        timed(statementName, async () => {
          await ready()
          return query.execute({ ...values })
        })
    },
    statement: <Row>(statementName: string, template: SQL) => {
      const { sql: text, params } = dialect.sqlToQuery(template)
      return (values: Values = {}) =>
        timed(statementName, async () => {
          await ready()
          const filled = fillPlaceholders(params, { ...values }) as postgres.ParameterOrJSON<never>[]
          return (await client.unsafe(text, filled, { prepare: true })) as unknown as Row[]
        })
    },
    ready,
    close: () => client.end({ timeout: 3 }),
  }
}

/** What is under way beyond the size of the pool waits for a connection. */
function measurePool(max: number): void {
  gauge('db.client.connection.count', { description: 'Connections in use', unit: '{connection}' }, () => [
    [Math.min(active, max), { 'db.client.connection.state': 'used' }],
  ])
  gauge('db.client.connection.max', { description: 'Connections the pool may have', unit: '{connection}' }, () => [[max, {}]])
  gauge('db.client.connection.pending_requests', { description: 'Operations that wait for a connection', unit: '{request}' }, () => [
    [Math.max(0, active - max), {}],
  ])
}
