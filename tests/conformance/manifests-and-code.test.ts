import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import * as z from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FunctionInfo, type FunctionName, functionNames, topology } from '../../scripts/topology.ts'
import { isKnativeService, type KubeObject, podOf, type Variable } from './kube.ts'
import { buildOverlay, canBuild, copyOfTree, type Overlay, overlays, type Tree } from './kustomize.ts'
import { read } from './tree.ts'

/** Nobody outside calls them; everything else is public, except where one host is (production). */
const internal: readonly FunctionName[] = ['reservations', 'order-sweeper', 'payment-gateway']

/** Read by the OpenTelemetry SDK itself and not by a function. */
const ofTheSdk = /^OTEL_/

describe.runIf(canBuild())('what runs and what is written', () => {
  let tree: Tree
  const built = new Map<Overlay, KubeObject[]>()

  beforeAll(async () => {
    tree = copyOfTree()
    await Promise.all(overlays.map(async (overlay) => built.set(overlay, await buildOverlay(tree, overlay))))
  }, 120_000)
  afterAll(() => tree.remove())

  const servicesOf = (overlay: Overlay) => (built.get(overlay) ?? []).filter(isKnativeService)
  const find = (overlay: Overlay, name: string) => servicesOf(overlay).find(({ metadata }) => metadata.name === name)
  const containerOf = (overlay: Overlay, name: string) => podOf(find(overlay, name) as KubeObject)?.containers[0]
  const environmentOf = (overlay: Overlay, name: string) => containerOf(overlay, name)?.env ?? []

  test.each(overlays)('%s has each function of the topology and no other', (overlay) => {
    expect(servicesOf(overlay).map(({ metadata }) => metadata.name)).toEqual(functionNames.toSorted())
    expect(read('knative/functions/kustomization.yaml').match(/^ {2}- [a-z0-9-]+\.yaml$/gm)).toEqual(
      functionNames.toSorted().map((name) => `  - ${name}.yaml`),
    )
  })

  test.each(functionNames)('%s runs its own image under its own account, on the port of its protocol', (name) => {
    for (const overlay of overlays) {
      const container = containerOf(overlay, name)
      expect(container?.image).toMatch(new RegExp(`(^|/)shop/${name}($|:)`))
      expect(podOf(find(overlay, name) as KubeObject)?.serviceAccountName).toBe(name)
      expect(container?.ports?.map((port) => port.name)).toEqual([topology[name].protocol === 'grpc' ? 'h2c' : 'http1'])
      expect(container?.readinessProbe).toMatchObject(topology[name].protocol === 'grpc' ? { grpc: {} } : { httpGet: { path: '/readyz' } })
    }
  })

  test.each(functionNames)('%s is given every setting it needs, and none it does not know', async (name) => {
    const settings = await settingsOf(name)
    const needed = Object.keys(settings).filter((key) => !z.object(settings).shape[key]?.safeParse(undefined).success)
    for (const overlay of overlays) {
      const given = environmentOf(overlay, name).map((variable) => variable.name)
      expect(given.filter((key) => !(key in settings) && !ofTheSdk.test(key))).toEqual([])
      expect(needed.filter((key) => !given.includes(key))).toEqual([])
      expect(given.filter((key, index) => given.indexOf(key) !== index)).toEqual([])
    }
  })

  test.each(functionNames)('%s opens its own database in its own role, and calls just those it may', (name) => {
    const { database, calls }: FunctionInfo = topology[name]
    const known = calls.map((other) => [`${other.replaceAll('-', '_').toUpperCase()}_URL`, `http://${other}.shop.svc.cluster.local`].join())
    for (const overlay of overlays) {
      const environment = environmentOf(overlay, name)
      const opened = environment.find((variable) => variable.name === 'DATABASE_URL')?.valueFrom?.secretKeyRef
      expect(opened).toEqual(database ? { name: `${database.service}-database`, key: `${database.role}-url` } : undefined)
      const urls = environment.filter(
        (variable) => variable.name.endsWith('_URL') && !['DATABASE_URL', 'PUBLIC_URL'].includes(variable.name),
      )
      expect(urls.map((variable) => [variable.name, variable.value].join()).filter((url) => !known.includes(url))).toEqual([])
    }
  })

  test.each(functionNames)('%s finds the keys it is told of where they are mounted, and no key of another', async (name) => {
    const files = environmentOf('local', name).filter(({ value }) => value?.startsWith('/run/'))
    const pod = podOf(find('local', name) as KubeObject)
    const mounted = (pod?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []).map(({ secret }) => secret?.name)
    const wanted = Object.keys(await settingsOf(name))
    const key = wanted.some((setting) => setting === 'SERVICE_KEY' || setting === 'ACCESS_TOKEN_KEY') ? [`${name}-key`] : []
    expect(mounted).toEqual([...(wanted.includes('JWKS') ? ['jwks'] : []), ...key])
    const [mount] = pod?.containers[0]?.volumeMounts ?? []
    const path = ({ value = '' }: Variable) => value.replace(`${mount?.mountPath}/`, '')
    expect(files.map((variable) => [variable.name, path(variable)])).toEqual([
      ...(wanted.includes('JWKS') ? [['JWKS', 'jwks.json']] : []),
      ...(key.length > 0 ? [[wanted.find((setting) => setting.endsWith('_KEY') && !setting.startsWith('PAYMENT')), 'key.json']] : []),
    ])
  })

  test('only what is public can be reached from outside; in production that is one host with a certificate, which leads to edge', () => {
    const hidden = (overlay: Overlay) =>
      servicesOf(overlay)
        .filter(({ metadata }) => metadata.labels?.['networking.knative.dev/visibility'] === 'cluster-local')
        .map(({ metadata }) => metadata.name)
    expect([hidden('base'), hidden('local')]).toEqual([internal.toSorted(), internal.toSorted()])
    expect(hidden('production')).toEqual(functionNames.toSorted())
    const mappings = (built.get('production') ?? []).filter(({ kind }) => kind === 'DomainMapping')
    expect(mappings.map(({ spec }) => spec)).toEqual([{ ref: expect.objectContaining({ name: 'edge' }), tls: { secretName: 'shop-tls' } }])
    expect(mappings[0]?.metadata.annotations).toMatchObject({ 'networking.knative.dev/http-protocol': 'redirected' })
  })

  test('every function can fall to zero, and the sweeper does so between two calls', () => {
    for (const overlay of overlays) {
      const scales = servicesOf(overlay).map(({ spec }) => spec?.template?.metadata?.annotations?.['autoscaling.knative.dev/min-scale'])
      expect(new Set(scales)).toEqual(new Set(['0']))
    }
    const annotations = find('production', 'order-sweeper')?.spec?.template?.metadata?.annotations
    expect(annotations).toMatchObject({ 'autoscaling.knative.dev/window': '6s' })
    expect(annotations).not.toHaveProperty(['autoscaling.knative.dev/scale-to-zero-pod-retention-period'])
    // 6 s of window, 30 s at most until the activator takes over, 30 s of draining.
    for (const schedule of schedules(built)) expect(minutesBetween(schedule) * 60).toBeGreaterThan(3 * (6 + 30 + 30))
  })

  test('something calls the sweeper, and only one thing does', () => {
    const callers = overlays.map((overlay) =>
      (built.get(overlay) ?? []).filter((object) => JSON.stringify(object.spec ?? {}).match(/order-sweeper\S*\/sweep|"uri":"\/sweep"/)),
    )
    expect(callers.map((found) => found.map(({ kind }) => kind))).toEqual([
      ['CronJob'],
      ['CronJob'],
      ['CronJob'],
      ['PingSource'],
      ['CronJob'],
    ])
  })

  test('the gateway can be steered on one machine only; in production nobody can make it so', () => {
    const steered = (overlay: Overlay) =>
      functionNames.filter((name) => environmentOf(overlay, name).some((variable) => variable.name === 'GATEWAY_CONTROL'))
    expect([steered('base'), steered('local'), steered('production')]).toEqual([[], ['edge', 'payment-gateway'], []])
    // Its page is where edge offers it, and edge finds the gateway only then.
    const pointed = (overlay: Overlay) => environmentOf(overlay, 'edge').some(({ name }) => name === 'PAYMENT_GATEWAY_URL')
    expect([pointed('local'), pointed('production')]).toEqual([true, false])
    const domain = Object.keys((parse(read('knative/serving/local/config-domain.yaml')) as KubeObject).data ?? {})[0]
    const page = environmentOf('local', 'payment-gateway').find(({ name }) => name === 'PUBLIC_URL')?.value ?? ''
    expect(new URL(page).hostname).toBe(`edge.shop.${domain}`)
    const production = built.get('production') ?? []
    const policy = production.find(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    const binding = production.find(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')
    expect(policy?.spec).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [{ operations: ['CREATE', 'UPDATE'] }] },
    })
    expect(JSON.stringify(policy)).toContain("e.name != 'GATEWAY_CONTROL'")
    expect(binding?.spec).toMatchObject({ policyName: policy?.metadata.name, validationActions: ['Deny'] })
  })

  test('each function and each database has a disruption budget in production', () => {
    const budgets = (built.get('production') ?? []).filter(({ kind }) => kind === 'PodDisruptionBudget')
    const databases = ['users', 'inventory', 'orders', 'payments'].map((service) => `${service}-postgres`)
    expect(budgets.map(({ metadata }) => metadata.name).toSorted()).toEqual([...functionNames, ...databases].toSorted())
  })
})

function schedules(built: ReadonlyMap<Overlay, readonly KubeObject[]>): string[] {
  const sweeps = [...built.values()].flat().filter(({ metadata }) => metadata.name === 'sweep')
  return sweeps.map(({ spec }) => spec?.['schedule']).filter((schedule) => typeof schedule === 'string')
}

const minutesBetween = (schedule: string) => Number(/^\*\/(\d+) \* \* \* \*$/.exec(schedule)?.[1] ?? 0)

async function settingsOf(name: FunctionName): Promise<Record<string, z.ZodType>> {
  const path = join(import.meta.dirname, '..', '..', 'functions', name, 'settings.ts')
  return ((await import(pathToFileURL(path).href)) as { settings: Record<string, z.ZodType> }).settings
}
