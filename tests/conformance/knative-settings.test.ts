import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from './kube.ts'
import { canBuild, copyOfTree, type Tree } from './kustomize.ts'

/** The keys that Knative Serving 1.23 reads; one it does not read changes nothing and says nothing. */
const known: Readonly<Record<string, string>> = {
  'config-autoscaler': `
    container-concurrency-target-percentage container-concurrency-target-default requests-per-second-target-default
    target-burst-capacity stable-window panic-window-percentage panic-threshold-percentage max-scale-up-rate max-scale-down-rate
    enable-scale-to-zero scale-to-zero-grace-period scale-to-zero-pod-retention-period pod-autoscaler-class activator-capacity
    initial-scale allow-zero-initial-scale min-scale max-scale scale-down-delay max-scale-limit`,
  'config-defaults': `
    revision-timeout-seconds max-revision-timeout-seconds revision-response-start-timeout-seconds revision-idle-timeout-seconds
    revision-cpu-request revision-cpu-limit revision-memory-request revision-memory-limit revision-ephemeral-storage-request
    revision-ephemeral-storage-limit container-concurrency container-concurrency-max-limit allow-container-concurrency-zero
    enable-service-links container-name-template`,
  'config-deployment': `
    registries-skipping-tag-resolving digest-resolution-timeout progress-deadline queue-sidecar-cpu-request queue-sidecar-cpu-limit
    queue-sidecar-memory-request queue-sidecar-memory-limit queue-sidecar-ephemeral-storage-request
    queue-sidecar-ephemeral-storage-limit`,
  'config-features': 'secure-pod-defaults queueproxy.resource-defaults',
  'config-gc': 'retain-since-create-time retain-since-last-active-time min-non-active-revisions max-non-active-revisions',
  'config-network': `
    ingress-class domain-template autocreate-cluster-domain-claims mesh-compatibility-mode http-protocol default-external-scheme
    external-domain-tls cluster-local-domain-tls system-internal-tls`,
  'config-observability': `
    metrics-protocol metrics-endpoint metrics-export-interval request-metrics-protocol request-metrics-endpoint
    request-metrics-export-interval tracing-protocol tracing-endpoint tracing-sampling-rate runtime-profiling
    logging.enable-request-log`,
}

describe.runIf(canBuild())('the settings of Knative Serving', () => {
  let tree: Tree
  const built = new Map<string, KubeObject[]>()
  const overlays = ['local', 'production']

  beforeAll(async () => {
    tree = copyOfTree()
    for (const overlay of overlays) built.set(overlay, await tree.build(`serving/${overlay}`))
  }, 60_000)
  afterAll(() => tree.remove())

  const settingsOf = (overlay: string, name: string) => built.get(overlay)?.find(({ metadata }) => metadata.name === name)?.data ?? {}

  test.each(overlays)('%s: each is one that Knative reads, in the namespace where it looks, and a text', (overlay) => {
    const objects = built.get(overlay) ?? []
    const strange = objects.flatMap(({ metadata, data = {} }) =>
      metadata.name === 'config-domain'
        ? []
        : Object.keys(data).filter((key) => !(known[metadata.name] ?? '').trim().split(/\s+/).includes(key)),
    )
    expect(strange).toEqual([])
    expect(new Set(objects.map(({ kind, metadata }) => `${kind} in ${metadata.namespace}`))).toEqual(
      new Set(['ConfigMap in knative-serving']),
    )
    expect(objects.flatMap(({ data = {} }) => Object.values(data)).filter((value) => typeof value !== 'string')).toEqual([])
    expect(objects.map(({ metadata }) => metadata.name).toSorted()).toEqual([...Object.keys(known), 'config-domain'].toSorted())
  })

  test.each(overlays)('%s: functions scale to zero through Kourier, and everything is measured', (overlay) => {
    expect(settingsOf(overlay, 'config-autoscaler')).toMatchObject({ 'enable-scale-to-zero': 'true' })
    expect(settingsOf(overlay, 'config-network')).toMatchObject({ 'ingress-class': 'kourier.ingress.networking.knative.dev' })
    expect(settingsOf(overlay, 'config-observability')).toMatchObject({
      'metrics-protocol': 'prometheus',
      'request-metrics-protocol': 'prometheus',
    })
    // A name below svc.cluster.local would make every function private.
    expect(Object.keys(settingsOf(overlay, 'config-domain'))).toEqual([expect.stringMatching(/^(?!.*cluster\.local).+\..+$/)])
  })

  test('a limit of pods comes with a default below it, which Knative asks for', () => {
    for (const overlay of overlays) {
      const settings = settingsOf(overlay, 'config-autoscaler')
      expect(Number(settings['max-scale'])).toBeGreaterThan(0)
      expect(Number(settings['max-scale'])).toBeLessThanOrEqual(Number(settings['max-scale-limit']))
    }
  })

  test('images built on the machine are not looked for in a registry', () => {
    expect(settingsOf('local', 'config-deployment')['registries-skipping-tag-resolving']?.split(',')).toContain('dev.local')
  })
})
