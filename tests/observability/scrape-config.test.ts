import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { prometheusConfig } from '../../scripts/observers/prometheus-config.ts'
import { type FunctionName, functionNames } from '../../scripts/topology.ts'
import { prometheusFolder, promtool } from './rule-files.ts'

type Meta = Readonly<Record<string, string>>
type Target = { readonly labels?: Readonly<Record<string, string>> }

/** What Kubernetes tells of one port of a pod of a function. */
const functionPod: Meta = {
  pod_label_app_kubernetes_io_part_of: 'shop',
  pod_label_serving_knative_dev_service: 'catalog',
  pod_label_serving_knative_dev_revision: 'catalog-00002',
  pod_container_port_name: 'user-port',
  pod_container_port_number: '8080',
  pod_phase: 'Running',
  pod_ip: '10.0.0.7',
  pod_name: 'catalog-00002-deployment-abc',
  namespace: 'shop',
}
const named = {
  kn_service_name: 'catalog',
  kn_revision_name: 'catalog-00002',
  k8s_namespace_name: 'shop',
  k8s_pod_name: 'catalog-00002-deployment-abc',
}
const queueProxy = { ...functionPod, pod_container_port_name: 'http-usermetric', pod_container_port_number: '9091' }
const control = (app: string): Meta => ({ pod_label_app: app, pod_container_port_name: 'metrics', pod_name: `${app}-1` })
const exporter: Meta = {
  pod_label_app_kubernetes_io_part_of: 'shop',
  pod_label_app_kubernetes_io_name: 'postgres-exporter',
  pod_label_app_kubernetes_io_instance: 'orders',
  pod_container_port_number: '9187',
}
const stateMetrics: Meta = { pod_label_app_kubernetes_io_name: 'kube-state-metrics', pod_container_port_number: '8080' }

test('promtool accepts the configuration, and with it its rules', () => {
  expect(promtool('check', 'config', withTargets({})).fault).toBeUndefined()
})

test('a pod of a function is read at 9464 and its queue-proxy at 9091, under the names of function, revision, namespace and pod', () => {
  expect(targetsOf('functions', functionPod)).toEqual([{ job: 'functions', instance: '10.0.0.7:9464', ...named }])
  expect(targetsOf('queue-proxy', queueProxy)).toEqual([{ job: 'queue-proxy', instance: '10.0.0.7:9091', ...named }])
})

test('a pod is read once, and not when it belongs to another application or has ended', () => {
  expect(targetsOf('functions', queueProxy)).toEqual([])
  expect(targetsOf('queue-proxy', functionPod)).toEqual([])
  expect(targetsOf('functions', { ...functionPod, pod_label_app_kubernetes_io_part_of: 'another' })).toEqual([])
  expect(targetsOf('functions', { ...functionPod, pod_phase: 'Succeeded' })).toEqual([])
  expect(targetsOf('postgres', { ...exporter, pod_label_app_kubernetes_io_name: 'postgres' })).toEqual([])
})

test('activator and autoscaler keep the names that their own series bear, and an exporter gets that of its service', () => {
  for (const job of ['activator', 'autoscaler']) {
    expect(targetsOf(job, control(job))).toEqual([{ job, instance: '10.0.0.7:8080', k8s_pod_name: `${job}-1` }])
    expect(targetsOf(job, control('controller'))).toEqual([])
  }
  expect(targetsOf('postgres', exporter)).toEqual([{ job: 'postgres', instance: '10.0.0.7:8080', shop_service: 'orders' }])
  expect(targetsOf('kube-state-metrics', stateMetrics)).toEqual([{ job: 'kube-state-metrics', instance: '10.0.0.7:8080' }])
})

test('on one machine functions and databases have the jobs and the labels that they have in a cluster', () => {
  const metricsUrls = Object.fromEntries(functionNames.map((name) => [name, 'http://127.0.0.1:9464'])) as Record<FunctionName, string>
  const options = {
    shop: { names: functionNames, metricsUrls },
    exporters: { orders: 'http://127.0.0.1:9187' },
    intervalMs: 5_000,
    jobs: [],
  }
  const { scrape_configs: local } = JSON.parse(prometheusConfig(options)) as {
    scrape_configs: { job_name: string; static_configs: { labels: Record<string, string> }[] }[]
  }
  const labels = Object.fromEntries(
    local.map(({ job_name, static_configs }) => [job_name, Object.keys(static_configs[0]?.labels ?? {}).toSorted()]),
  )
  expect(labels).toEqual({ functions: Object.keys(named).toSorted(), postgres: ['shop_service'] })
})

/** The labels under which a job reads a pod of which Kubernetes tells this; none when it does not read it. */
function targetsOf(job: string, meta: Meta) {
  const { output, fault } = promtool('check', 'service-discovery', '--timeout=1s', withTargets(meta), job)
  expect(fault).toBeUndefined()
  return (JSON.parse(output) as Target[])
    .filter(({ labels }) => labels !== undefined && Object.keys(labels).length > 0)
    .map(({ labels = {} }) => Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('__'))))
}

/**
 * The committed configuration with one target in place of what Kubernetes would list: not every build of Prometheus can ask it,
 * and a test has none. The rest, relabelling above all, is as it is.
 */
function withTargets(meta: Meta): string {
  const folder = mkdtempSync(join(tmpdir(), 'shop-scrape-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(join(prometheusFolder, 'rules'), join(folder, 'rules'), { recursive: true })
  const labels = Object.fromEntries(Object.entries(meta).map(([name, value]) => [`__meta_kubernetes_${name}`, value]))
  const target = JSON.stringify([{ targets: ['10.0.0.7:8080'], labels }])
  const committed = readFileSync(join(prometheusFolder, 'prometheus.yaml'), 'utf8')
  const discovery = /kubernetes_sd_configs:\n +- role: (?:pod|node)\n(?: +namespaces: \{ names: \[[\w-]+\] \}\n)?/g
  expect(committed.match(discovery)?.length).toBe(committed.match(/kubernetes_sd_configs/g)?.length)
  const config = committed
    .replaceAll(discovery, `static_configs: ${target}\n`)
    .replaceAll('/var/run/secrets/kubernetes.io/serviceaccount/token', join(folder, 'token'))
    .replaceAll('/var/run/secrets/kubernetes.io/serviceaccount/ca.crt', join(folder, 'ca.crt'))
  writeFileSync(join(folder, 'token'), '')
  writeFileSync(join(folder, 'ca.crt'), '')
  writeFileSync(join(folder, 'prometheus.yaml'), config)
  return join(folder, 'prometheus.yaml')
}
