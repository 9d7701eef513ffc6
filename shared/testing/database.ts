import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { inject, onTestFinished } from 'vitest'
import { cloneTemplate } from '../../scripts/postgres/templates.ts'

export type TestDatabase = {
  /** The writer's url: what a function that writes gets as `DATABASE_URL`. */
  readonly url: string
  readonly readerUrl: string
  readonly ownerUrl: string
  /** As the owner, to arrange and to look. */
  readonly sql: postgres.Sql
}

/** A private, migrated and empty database for one test, so that tests run in parallel and clean nothing up. */
export async function freshDatabase(service: string): Promise<TestDatabase> {
  const { urls, drop } = await cloneTemplate(inject('postgresUrl'), service, `${service}_${randomUUID().slice(0, 13)}`)
  const sql = postgres(urls.owner, { max: 4, onnotice: () => {} })
  onTestFinished(async () => {
    await sql.end({ timeout: 1 })
    await drop()
  })
  return { url: urls.writer, readerUrl: urls.reader, ownerUrl: urls.owner, sql }
}
