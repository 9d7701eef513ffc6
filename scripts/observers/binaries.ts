import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Prometheus and the PostgreSQL exporter are on this machine, as far as they are. */
export type Binaries = { readonly prometheus: string | undefined; readonly postgresExporter: string | undefined }

/** Looks on the PATH; the exporter has one name in Debian and another in its own releases. */
export const findBinaries = (path = process.env['PATH'] ?? ''): Binaries => ({
  prometheus: findOn(path, 'prometheus'),
  postgresExporter: findOn(path, 'prometheus-postgres-exporter') ?? findOn(path, 'postgres_exporter'),
})

/** What to install so that nothing is missing, one sentence for each thing that is. */
export const missingFrom = ({ prometheus, postgresExporter }: Binaries): string[] => [
  ...(prometheus
    ? []
    : ['Prometheus is not on the PATH, so nothing is recorded. Debian: apt-get install prometheus; macOS: brew install prometheus']),
  ...(postgresExporter || !prometheus
    ? []
    : ['No PostgreSQL exporter is on the PATH, so the databases are not recorded. Debian: apt-get install prometheus-postgres-exporter']),
]

/** Whether a program names the flag in its help: not all versions have the same. */
export function knowsFlag(file: string, flag: string): boolean {
  const { stdout, stderr } = spawnSync(file, ['--help'], { encoding: 'utf8', env: {}, timeout: 5_000 })
  return new RegExp(`--(\\[no-\\])?${flag.replaceAll('.', '\\.')}\\s`).test(`${stdout}${stderr}`)
}

function findOn(path: string, name: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(canRun)
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
