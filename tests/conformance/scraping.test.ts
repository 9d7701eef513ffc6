import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionNames, services } from '../../scripts/topology.ts'
import { isKnativeService, type KubeObject, podLabelsOf, podOf } from './kube.ts'
import { buildOverlay, canBuild, copyOfTree, type Tree } from './kustomize.ts'
import { read } from './tree.ts'

type Labels = Record<string, string>
type Rule = { source_labels?: string[]; regex?: string; action?: string; target_label?: string; replacement?: string }
type Job = { job_name: string; kubernetes_sd_configs: { role: string; namespaces?: object }[]; relabel_configs?: Rule[] }

const { scrape_configs: jobs } = parse(read('knative/observability/prometheus/prometheus.yaml')) as { scrape_configs: Job[] }

describe.runIf(canBuild())('Prometheus finds, by its labels, among the pods that are made', () => {
  let tree: Tree
  let pods: Labels[] = []

  beforeAll(async () => {
    tree = copyOfTree()
    pods = (await buildOverlay(tree, 'production')).filter((object) => podOf(object)).flatMap(discovered)
  }, 60_000)
  afterAll(() => tree.remove())

  const targetsOf = (name: string) => {
    const job = jobs.find(({ job_name }) => job_name === name)
    return pods.map((labels) => relabelled(labels, job?.relabel_configs ?? [])).filter((target) => target !== undefined)
  }

  test.each([
    ['functions', 9464],
    ['queue-proxy', 9091],
  ] as const)('each function once for the job %s, at port %d', (job, port) => {
    const targets = targetsOf(job)
    expect(targets.map((target) => target['kn_service_name'] ?? '').toSorted()).toEqual(functionNames.toSorted())
    expect(new Set(targets.map((target) => target['__address__']))).toEqual(new Set([`10.0.0.1:${port}`]))
  })

  test('the exporter of each database, which it knows by its service', () => {
    expect(targetsOf('postgres').map((target) => [target['shop_service'], target['__address__']])).toEqual(
      services.toSorted().map((service) => [service, '10.0.0.1:9187']),
    )
  })

  test('kube-state-metrics', () => {
    expect(targetsOf('kube-state-metrics').map((target) => target['__address__'])).toEqual(['10.0.0.1:8080'])
  })

  test('nothing of the shop for the jobs of Knative', () => {
    expect([...targetsOf('activator'), ...targetsOf('autoscaler')]).toEqual([])
  })
})

/** What Prometheus knows of a pod before relabelling: its labels, once for each declared port. */
function discovered(object: KubeObject): Labels[] {
  const labels = Object.entries(podLabelsOf(object)).map(([key, value]) => [
    `__meta_kubernetes_pod_label_${key.replaceAll(/\W/g, '_')}`,
    value,
  ])
  const own = (podOf(object)?.containers ?? []).flatMap(({ ports = [] }) => ports)
  // Knative renames the port and adds those of queue-proxy.
  const ofKnative = [['user-port', 8080] as const, ['http-autometric', 9090] as const, ['http-usermetric', 9091] as const]
  const ports = isKnativeService(object) ? ofKnative : own.map(({ name = '', containerPort }) => [name, containerPort] as const)
  return ports.map(([name, port]) => ({
    ...(Object.fromEntries(labels) as Labels),
    __address__: `10.0.0.1:${port}`,
    __meta_kubernetes_namespace: 'shop',
    __meta_kubernetes_pod_ip: '10.0.0.1',
    __meta_kubernetes_pod_phase: 'Running',
    __meta_kubernetes_pod_container_port_name: name,
    __meta_kubernetes_pod_container_port_number: String(port),
  }))
}

/** The target that relabelling makes of it, or none. */
function relabelled(labels: Labels, rules: readonly Rule[]): Labels | undefined {
  let target = labels
  for (const { source_labels: sources = [], regex = '(.*)', action = 'replace', target_label: to, replacement = '$1' } of rules) {
    const value = sources.map((source) => target[source] ?? '').join(';')
    const pattern = new RegExp(`^(?:${regex})$`)
    if (action === 'keep' && !pattern.test(value)) return undefined
    if (action === 'replace' && to !== undefined && pattern.test(value)) target = { ...target, [to]: value.replace(pattern, replacement) }
    if (!['keep', 'replace'].includes(action)) throw new Error(`The test does not know the action ${action}`)
  }
  return target
}
