import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { buildahCommands } from '../../scripts/cluster/buildah.ts'
import { downCommands, upCommands } from '../../scripts/cluster/steps.ts'
import { functionNames } from '../../scripts/topology.ts'
import { canBuild } from './kustomize.ts'
import { read } from './tree.ts'

type Artifact = {
  image: string
  docker?: { dockerfile: string; target: string; buildArgs?: { FUNCTION: string } }
  custom?: { buildCommand: string; dependencies: { paths: string[] } }
}
type Pipeline = {
  build?: { artifacts: Artifact[]; tagPolicy: object; local?: { push?: boolean } }
  manifests?: { kustomize: { paths: string[] } }
}
type Config = Pipeline & {
  apiVersion: string
  metadata: { name: string }
  deploy: { kubectl: { hooks?: { before: { host: { command: string[] } }[] } } }
  resourceSelector?: { allow: { groupKind: string; image: string[]; labels: string[] }[]; deny?: object[] }
  profiles?: (Pipeline & { name: string })[]
}

const configs = parseAllDocuments(read('skaffold.yaml')).map((document) => document.toJS() as Config)
const shop = configs.find(({ metadata }) => metadata.name === 'shop')
const profile = (name: string) => shop?.profiles?.find((found) => found.name === name)
const pipelines = { default: shop, production: profile('production'), buildah: profile('buildah') }
const images = [...functionNames, 'migrate'].toSorted()
const nameOf = ({ image }: Artifact) => image.slice(image.lastIndexOf('/') + 1)
const overlayOf = (name: keyof typeof pipelines) => (pipelines[name]?.manifests ?? shop?.manifests)?.kustomize.paths[0] ?? ''
const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts

test('every document is of the schema that Skaffold 2.24 reads', () => {
  expect(configs.map(({ apiVersion }) => apiVersion)).toEqual(['skaffold/v4beta14', 'skaffold/v4beta14'])
  expect(shop?.profiles?.map(({ name }) => name)).toEqual(['local', 'production', 'buildah'])
})

test.each(Object.keys(pipelines) as (keyof typeof pipelines)[])('%s builds one image of each function and of the migration', (name) => {
  expect(pipelines[name]?.build?.artifacts.map(nameOf).toSorted()).toEqual(images)
})

test.each(['default', 'production'] as const)('%s builds each image from the one Dockerfile, and no two functions alike', (name) => {
  const targets = read('Dockerfile')
  for (const artifact of pipelines[name]?.build?.artifacts ?? []) {
    const target = artifact.docker?.target
    expect(artifact.docker?.dockerfile).toBe('Dockerfile')
    expect(targets).toMatch(new RegExp(`^FROM .* AS ${target}$`, 'm'))
    expect([target, artifact.docker?.buildArgs?.FUNCTION]).toEqual(
      nameOf(artifact) === 'migrate' ? ['migrate', undefined] : ['function', nameOf(artifact)],
    )
  }
})

test.each(Object.keys(pipelines) as (keyof typeof pipelines)[])('what %s builds is what its overlay runs', (name) => {
  const overlay = read(`${overlayOf(name)}/kustomization.yaml`)
  const named = [...overlay.matchAll(/newName: ([^,\s]+)/g)].map(([, image = '']) => image).filter((image) => image.includes('/shop/'))
  expect(pipelines[name]?.build?.artifacts.map(({ image }) => image).toSorted()).toEqual(named.toSorted())
})

test('a function is rebuilt for its own folder, and for no other', () => {
  expect(read('Dockerfile').match(/^COPY functions.*$/gm)).toEqual(['COPY functions/${FUNCTION} functions/${FUNCTION}'])
  for (const artifact of pipelines.buildah?.build?.artifacts ?? []) {
    const own = artifact.custom?.dependencies.paths.filter((path) => path.startsWith('functions'))
    expect(own).toEqual(nameOf(artifact) === 'migrate' ? [] : [`functions/${nameOf(artifact)}`])
  }
})

test('everything that a build reads is something that the custom build watches, or needs for no image', () => {
  for (const { custom } of pipelines.buildah?.build?.artifacts ?? []) {
    for (const path of custom?.dependencies.paths ?? []) expect(existsSync(join(import.meta.dirname, '../..', path))).toBe(true)
    for (const path of ['Dockerfile', 'package-lock.json', 'shared', 'db', 'scripts/build'])
      expect(custom?.dependencies.paths).toContain(path)
  }
})

test('images that stay on the machine are not pushed, and are tagged by what went into them', () => {
  for (const { build } of [shop, profile('buildah')] as Pipeline[]) {
    expect(build?.local?.push).toBe(false)
    expect(build?.tagPolicy).toEqual({ inputDigest: {} })
    expect(build?.artifacts.every(({ image }) => image.startsWith('dev.local/'))).toBe(true)
  }
})

test('no new revision is made by the label that Skaffold gives each of its runs', () => {
  const service = shop?.resourceSelector?.allow.find(({ groupKind }) => groupKind === 'Service.serving.knative.dev')
  expect(service).toEqual({ groupKind: 'Service.serving.knative.dev', image: ['.*'], labels: ['.metadata.labels'] })
  expect(shop?.resourceSelector?.deny).toBeUndefined()
})

test.skipIf(!canBuild())('rendering twice gives the same bytes, and a new image of one function changes its Service alone', () => {
  const overlay = overlayOf('default')
  const render = () =>
    execFileSync('kubectl', ['kustomize', overlay], { encoding: 'utf8', cwd: join(import.meta.dirname, '../..'), maxBuffer: 64 << 20 })
  const once = render()
  expect(render()).toBe(once)
  // Skaffold replaces just the image, by name, in what Kustomize rendered.
  const objects = (text: string) => text.split('\n---\n')
  const changed = objects(once.replace('image: dev.local/shop/orders:local', 'image: dev.local/shop/orders:other'))
  const different = changed.filter((object, index) => object !== objects(once)[index])
  expect(different.map((object) => /^kind: (\w+)$[\s\S]*^ {2}name: ([\w-]+)$/m.exec(object)?.slice(1, 3))).toEqual([['Service', 'orders']])
})

test('the custom build does what buildah takes, pushes only where it is told to, and loads into kind what stays', () => {
  const image = 'dev.local/shop/orders:abc'
  const [build, ...rest] = buildahCommands({ name: 'orders', image, push: false, cluster: 'shop' })
  expect(build?.slice(0, 2)).toEqual(['buildah', 'build'])
  expect(build).toEqual(expect.arrayContaining(['FUNCTION=orders', '--tag', image]))
  expect(rest.map(([tool, verb]) => `${tool} ${verb}`)).toEqual(['buildah push', 'kind load'])
  expect(buildahCommands({ name: 'migrate', image, push: true }).at(-1)).toEqual(['buildah', 'push', image])
})

test('whatever the cluster commands run is there to be run', () => {
  const words = [...upCommands, ...downCommands].flat()
  const paths = words.filter((word) => /^(scripts|knative)\//.test(word))
  expect(paths.filter((path) => !existsSync(join(import.meta.dirname, '../..', path)))).toEqual([])
  const called = [...read('skaffold.yaml').matchAll(/npm,? run,? --silent,? (\w+)/g)].map(([, name = '']) => name)
  expect(called.filter((name) => scripts[name] === undefined)).toEqual([])
})
