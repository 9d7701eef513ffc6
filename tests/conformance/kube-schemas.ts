import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type KubeObject, nameOf } from './kube.ts'

const nodeModules = join(import.meta.dirname, '..', '..', 'node_modules')

/** Where schemas come from; another kind of object needs another package of the same family here. */
const packages = ['@kubernetes-models/knative', 'kubernetes-models']

type Model = new (data: object) => { validate: () => void }

/** What is wrong with an object by the schema of its kind; one without a schema is wrong too. */
export async function faultsBySchema(object: KubeObject): Promise<string[]> {
  const specifier = moduleOf(object)
  if (!specifier) return [`${nameOf(object)}: no package has a schema of ${object.apiVersion}: add one to kube-schemas.ts`]
  const models = (await import(pathToFileURL(join(nodeModules, `${specifier}.js`)).href)) as Record<string, Model>
  const Kind = models[object.kind] as Model
  try {
    new Kind(object).validate()
    return []
  } catch (error) {
    return [`${nameOf(object)}: ${error instanceof Error ? error.message : String(error)}`]
  }
}

/**
 * Fields that no kind of object has. The schemas let them pass, and Kubernetes drops or refuses them; the types of the same
 * packages know every field there is, so the compiler is asked.
 */
export function unknownFields(objects: readonly KubeObject[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'shop-objects-'))
  try {
    const typed = objects.flatMap((object) => {
      const specifier = moduleOf(object)
      return specifier ? [{ object, specifier }] : []
    })
    const lines = typed.map(
      ({ object, specifier }, index) =>
        `import type { I${object.kind} as Kind${index} } from '${specifier}'; export const object${index}: Kind${index} = ${JSON.stringify(object)}`,
    )
    const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', target: 'es2024', skipLibCheck: true, types: [] }
    writeFileSync(join(folder, 'objects.ts'), lines.join('\n'))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['objects.ts'] }))
    symlinkSync(nodeModules, join(folder, 'node_modules'))
    const { stdout, stderr, error } = spawnSync(join(nodeModules, '.bin', 'tsc'), ['-p', folder], { encoding: 'utf8' })
    if (error) throw error
    const faults = [...stdout.matchAll(/objects\.ts\((\d+),\d+\): error \w+: (.*)/g)].map(([, line, message]) => {
      const found = typed[Number(line) - 1]
      return `${found ? nameOf(found.object) : 'an object'}: ${message}`
    })
    if (faults.length === 0 && (stdout + stderr).trim() !== '') throw new Error(stdout + stderr)
    return faults
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The module with the schema and the type of an object's kind. */
const moduleOf = ({ apiVersion, kind }: KubeObject): string | undefined =>
  packages.map((name) => `${name}/${apiVersion}/${kind}`).find((specifier) => existsSync(join(nodeModules, `${specifier}.js`)))
