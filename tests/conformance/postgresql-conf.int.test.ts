import { globSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, expect, inject, test } from 'vitest'
import { read } from './tree.ts'

const root = join(import.meta.dirname, '..', '..')
const files = [
  'databases/template/postgresql.conf',
  ...globSync('{databases/*/size.conf,overlays/*/databases/*.conf}', { cwd: join(root, 'knative') }),
]

const sql = postgres(inject('postgresUrl'), { max: 1, onnotice: () => {} })
afterAll(() => sql.end({ timeout: 1 }))

test.each(files)('PostgreSQL knows every setting of %s and takes its value', async (file) => {
  const lines = [...read(`knative/${file}`).matchAll(/^(\w+) = (.+)$/gm)].filter(([, name]) => name !== 'include')
  expect(lines.length).toBeGreaterThan(5)
  for (const [, name = '', value = ''] of lines) {
    // It is checked as it would be at a start, written down, and taken back before anything reads it.
    await sql.unsafe(`alter system set ${name} = ${value.startsWith("'") ? value : `'${value}'`}`)
    await sql.unsafe(`alter system reset ${name}`)
  }
})
