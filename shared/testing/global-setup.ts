import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { makeTemplates } from '../../scripts/postgres/templates.ts'
import { startPostgres } from '../../scripts/postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's url of the PostgreSQL of this run. */
    postgresUrl: string
  }
}

/** One real PostgreSQL for the run (or that of `TEST_DATABASE_URL`), with a migrated template per service that tests copy. */
export default async function setup(project: TestProject) {
  const given = process.env['TEST_DATABASE_URL']
  const server = given ? { url: given, stop: async () => {} } : await startThrowaway()
  try {
    await makeTemplates(server.url)
  } catch (error) {
    await server.stop()
    throw error
  }
  project.provide('postgresUrl', server.url)
  return server.stop
}

async function startThrowaway() {
  const dataFolder = await mkdtemp(join(tmpdir(), 'shop-test-'))
  // As root the server runs as another user, who must get in.
  await chmod(dataFolder, 0o711)
  const postgres = await startPostgres({ dataFolder, password: 'postgres', mode: 'throwaway', maxConnections: 400 })
  const stop = async () => {
    await postgres.stop()
    await rm(dataFolder, { recursive: true, force: true })
  }
  return { url: postgres.url(), stop }
}
