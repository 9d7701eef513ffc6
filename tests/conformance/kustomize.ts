import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { completeSecrets } from '../../scripts/secrets/values.ts'
import type { KubeObject } from './kube.ts'

const root = join(import.meta.dirname, '..', '..')

/** Everything that somebody applies, or builds an overlay of their own on. Two stand for all that add a component. */
export const overlays = ['base', 'local', 'production', 'local with eventing', 'production with traces'] as const
export type Overlay = (typeof overlays)[number]

const folders: Record<Overlay, string> = {
  base: 'base',
  local: 'overlays/local',
  production: 'overlays/production',
  'local with eventing': 'try/eventing',
  'production with traces': 'try/traces',
}
const withComponents = {
  'try/eventing': { resources: ['../../overlays/local'], components: ['../../components/eventing'] },
  'try/traces': { resources: ['../../overlays/production'], components: ['../../components/otlp-collector'] },
}

/** Builds with Kustomize 5: kubectl has it built in. */
const tools = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
] as const

const tool = tools.find(([command]) => spawnSync(command, ['--help'], { stdio: 'ignore' }).status === 0)

/**
 * Whether manifests can be built here. Where they have to be (REQUIRE_KUBECTL, as in CI) it throws instead of saying no;
 * elsewhere it says so once for all to see, as tests that did not run prove nothing.
 */
export function canBuild(): boolean {
  if (tool) return true
  const missing = 'neither kubectl nor kustomize is on the PATH, so no manifest was built and NONE OF THEM WAS TESTED'
  if (process.env['REQUIRE_KUBECTL']) throw new Error(`REQUIRE_KUBECTL is set, but ${missing}`)
  process.stderr.write(`\n${'!'.repeat(120)}\n! ${missing}\n${'!'.repeat(120)}\n\n`)
  return false
}

const secrets = completeSecrets({})

/** Every password and private key of the secrets that `copyOfTree` makes: whoever finds one in a manifest found a leak. */
export const secretValues = Object.values(secrets).flatMap((text) =>
  [...text.matchAll(/"d":"([^"]+)"|^[\w-]*(?:password|key|url)=(.+)$/gm)].map(([, key, value]) => key ?? value ?? ''),
)

/** A copy of knative/ in which everything can be built. */
export type Tree = { readonly build: (path: string) => Promise<KubeObject[]>; readonly remove: () => void }

/** Copies knative/ and makes up its secrets; `edit` may change the files first. */
export function copyOfTree(edit: (folder: string) => void = () => {}): Tree {
  const folder = mkdtempSync(join(tmpdir(), 'shop-knative-'))
  cpSync(join(root, 'knative'), folder, { recursive: true })
  for (const [name, content] of Object.entries(secrets)) write(join(folder, 'secrets/values', name), content)
  for (const [path, content] of Object.entries(withComponents)) {
    const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...content }
    write(join(folder, path, 'kustomization.yaml'), JSON.stringify(kustomization))
  }
  edit(folder)
  return { build: (path) => build(join(folder, path)), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Builds an overlay in a copy of the tree. */
export const buildOverlay = (tree: Tree, overlay: Overlay) => tree.build(folders[overlay])

async function build(folder: string): Promise<KubeObject[]> {
  if (!tool) throw new Error('There is nothing to build with')
  const [command, ...args] = tool
  const { stdout } = await promisify(execFile)(command, [...args, folder], { maxBuffer: 64 * 1024 * 1024 })
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject)
}

function write(path: string, content: string) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
