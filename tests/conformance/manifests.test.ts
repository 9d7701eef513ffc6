import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { knativeFaults } from './knative-rules.ts'
import { isKnativeService, type KubeObject, nameOf, podLabelsOf, podOf, sourcesOf } from './kube.ts'
import { faultsBySchema, unknownFields } from './kube-schemas.ts'
import { buildOverlay, canBuild, copyOfTree, overlays, secretValues, type Tree } from './kustomize.ts'
import { hardeningFaults } from './pod-rules.ts'
import { read } from './tree.ts'

/** `kubectl apply` keeps a copy of an object in one of its annotations, and all of those together may not be larger. */
const LARGEST = 256 * 1024

/** Made by whoever has the certificate, and not by `npm run secrets`. */
const fromElsewhere = ['shop-tls']

describe.runIf(canBuild())('every object of what is applied', () => {
  let tree: Tree
  const built = new Map<string, KubeObject[]>()
  let secrets: KubeObject[] = []

  beforeAll(async () => {
    tree = copyOfTree()
    const settings = ['local', 'production'].map(async (name) =>
      built.set(`settings of Knative, ${name}`, await tree.build(`serving/${name}`)),
    )
    await Promise.all([...overlays.map(async (overlay) => built.set(overlay, await buildOverlay(tree, overlay))), ...settings])
    secrets = (await tree.build('secrets')).map(unwrapped)
  }, 120_000)
  afterAll(() => tree.remove())

  const everything = () => [...built].flatMap(([name, objects]) => objects.map((object) => ({ name, object })))
  const inShop = () => overlays.map((overlay) => [overlay, built.get(overlay) ?? []] as const)
  const inEach = (faults: (objects: KubeObject[]) => readonly string[]) =>
    inShop().flatMap(([overlay, objects]) => faults(objects).map((fault) => `${overlay}: ${fault}`))

  test('fits the schema of its kind, and none is without one', async () => {
    expect(everything().length).toBeGreaterThan(500)
    const faults = await Promise.all([...everything().map(({ object }) => object), ...secrets].map(faultsBySchema))
    expect(faults.flat()).toEqual([])
  }, 60_000)

  test('has no field that its kind does not know', () => {
    expect(unknownFields([...everything().map(({ object }) => object), ...secrets])).toEqual([])
  }, 60_000)

  test('is there once, and in the namespace of the shop unless the cluster has one of it', () => {
    const clusterWide = /^(Namespace|ClusterRole|ClusterRoleBinding|ClusterDomainClaim|ValidatingAdmissionPolicy(Binding)?)$/
    const faults = inEach((objects) => {
      const ids = objects.map((object) => `${object.apiVersion} ${nameOf(object)}`)
      const astray = objects.filter(({ kind, metadata }) => (clusterWide.test(kind) ? undefined : 'shop') !== metadata.namespace)
      return [...ids.filter((id, index) => ids.indexOf(id) !== index), ...astray.map(nameOf)]
    })
    expect(faults).toEqual([])
  })

  test('can be applied by kubectl, which keeps a copy of it', () => {
    const large = everything().filter(({ object }) => JSON.stringify(object).length > LARGEST)
    expect(large.map(({ name, object }) => `${name}: ${nameOf(object)}`)).toEqual([])
  })

  test('that is a Knative Service is taken by Knative as it is meant', () => {
    expect(inEach((objects) => objects.filter(isKnativeService).flatMap((service) => knativeFaults(service).map(of(service))))).toEqual([])
  })

  test('that makes pods makes them with no more rights than they need', () => {
    expect(inEach((objects) => objects.flatMap((object) => hardeningFaults(object).map(of(object))))).toEqual([])
  })

  test('runs an image that cannot change: one of the shop, or one with a digest', () => {
    const images = inEach((objects) => objects.flatMap((object) => podOf(object)?.containers.map(({ image }) => image) ?? []))
    // The base leaves it to the overlays where the shop's images are.
    const loose = images.filter(
      (image) => !/^base: shop\/[a-z0-9-]+$|\/shop\/[a-z0-9-]+:[\w.-]+$|:[\w.-]+@sha256:[0-9a-f]{64}$/.test(image),
    )
    expect([images.length > 100, loose]).toEqual([true, []])
  })

  test('names only what is there: accounts, files, claims, and keys of secrets', () => {
    const known = new Map(secrets.map(({ metadata, data }) => [metadata.name, Object.keys(data ?? {})]))
    const faults = inEach((objects) => {
      const has = (kind: string, name: string) => objects.some((object) => object.kind === kind && object.metadata.name === name)
      return objects.flatMap((object) => {
        const pod = podOf(object)
        if (!pod) return []
        const lacking = sourcesOf(pod).filter(({ kind, name, key }) =>
          kind === 'ConfigMap' ? !has(kind, name) : !(known.get(name) ?? []).includes(key ?? known.get(name)?.[0] ?? ''),
        )
        const claims = (pod.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : []))
        return [
          ...lacking.map(({ kind, name, key }) => `${kind} ${name} ${key ?? ''}`),
          ...claims.filter((name) => !has('PersistentVolumeClaim', name)).map((name) => `PersistentVolumeClaim ${name}`),
          ...(has('ServiceAccount', pod.serviceAccountName ?? 'default') ? [] : [`ServiceAccount ${pod.serviceAccountName}`]),
        ].map(of(object))
      })
    })
    expect(faults).toEqual([])
  })

  test('that selects pods selects some', () => {
    const faults = inEach((objects) => {
      const pods = objects.filter((object) => podOf(object)).map(podLabelsOf)
      return objects
        .filter((object) => !isKnativeService(object))
        .flatMap((object) => selectorsOf(object).map((selector) => ({ object, selector })))
        .filter(({ selector }) => !pods.some((labels) => Object.entries(selector).every(([key, value]) => labels[key] === value)))
        .map(({ object, selector }) => `${nameOf(object)} selects ${JSON.stringify(selector)}`)
    })
    expect(faults).toEqual([])
  })

  test('keeps no secret: none is built in, and no value of one is written anywhere', () => {
    expect(secretValues.length).toBeGreaterThan(30)
    const leaks = everything().filter(({ object }) => {
      const text = JSON.stringify(object)
      return (
        object.kind === 'Secret' ||
        secretValues.some((value) => text.includes(value) || text.includes(Buffer.from(value).toString('base64')))
      )
    })
    expect(leaks.map(({ name, object }) => `${name}: ${nameOf(object)}`)).toEqual([])
    const telling = everything().filter(({ object }) =>
      /\/\/[^/"@\s]+:[^/"@\s$]+@|sk_(test|live)_\w|"d":|PRIVATE KEY/.test(JSON.stringify(object)),
    )
    expect(telling.map(({ name, object }) => `${name}: ${nameOf(object)}`)).toEqual([])
    const inline = inEach((objects) =>
      objects.flatMap((object) =>
        (podOf(object)?.containers ?? []).flatMap(({ env = [] }) =>
          env
            .filter(({ name, value = '/' }) => /KEY|PASS|SECRET|TOKEN|DATABASE_URL/.test(name) && !value.startsWith('/'))
            .map(({ name }) => name),
        ),
      ),
    )
    expect(inline).toEqual([])
  })

  test('that is a secret is asked for by somebody, and what it is made of is never committed', () => {
    const asked = new Set(
      inShop()
        .flatMap(([, objects]) => objects.flatMap((object) => sourcesOf(podOf(object) ?? { containers: [] })))
        .map(({ name }) => name),
    )
    expect(secrets.filter(({ kind, metadata }) => kind === 'Secret' && !asked.has(metadata.name)).map(nameOf)).toEqual([])
    expect(read('.gitignore')).toContain('knative/secrets/values/\n')
    expect(JSON.stringify(built.get('production'))).toContain(fromElsewhere[0])
  })

  test('that is a board or a rule is handed to Grafana or Prometheus', () => {
    const files = new Set((built.get('local') ?? []).flatMap(({ kind, data }) => (kind === 'ConfigMap' ? Object.keys(data ?? {}) : [])))
    const written = ['grafana/dashboards', 'prometheus/rules'].flatMap((folder) =>
      readdirSync(join(import.meta.dirname, '../../knative/observability', folder)),
    )
    expect(written.filter((file) => !files.has(file))).toEqual([])
  })
})

/** Kustomize breaks long values into lines, which base64 allows and the schema does not. */
function unwrapped(object: KubeObject): KubeObject {
  const entries = Object.entries(object.data ?? {}).map(([key, value]) => [key, value.replaceAll(/\s/g, '')] as const)
  return object.kind === 'Secret' ? { ...object, data: Object.fromEntries(entries) } : object
}

const of = (object: KubeObject) => (fault: string) => `${nameOf(object)}: ${fault}`

type Selector = Readonly<Record<string, string>>

/** The label selectors of Services, workloads, budgets and policies; an expression is not one of them. */
function selectorsOf({ kind, spec = {} }: KubeObject): Selector[] {
  const { selector, podSelector } = spec as { selector?: Selector & { matchLabels?: Selector }; podSelector?: { matchLabels?: Selector } }
  if (kind === 'Service') return selector ? [selector] : []
  return [selector?.matchLabels, podSelector?.matchLabels].filter((labels) => labels !== undefined)
}
