import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { services } from '../topology.ts'

const root = join(import.meta.dirname, '../..')

/** Bundles the job that brings a database up to date, to `<dist>/migrate/main.cjs` with every service's migrations beside it. */
export async function bundleMigrate(dist: string) {
  const folder = join(dist, 'migrate')
  await mkdir(folder, { recursive: true })
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'db/job-main.ts' },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.main': 'false' },
  })
  for (const service of services)
    await cp(join(root, 'db', service, 'migrations'), join(folder, service, 'migrations'), { recursive: true })
}
