import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ScrapeJob } from '../../scripts/observers/prometheus-config.ts'
import { type FunctionName, functionNames } from '../../scripts/topology.ts'
import { expositionOf, type Family, type Labels } from './exposition.ts'
import { type Life, lifeOf, namespace, podOf, revisionOf } from './knative-life.ts'
import { activatorSeries, autoscalerSeries, queueProxySeries } from './knative-series.ts'
import { cadvisorSeries, kubeStateSeries } from './kubernetes-series.ts'

type Page = (lives: readonly Life[]) => Family[]

const jobs: Readonly<Record<string, Page>> = {
  activator: activatorSeries,
  autoscaler: autoscalerSeries,
  'kubelet-cadvisor': cadvisorSeries,
  'kube-state-metrics': kubeStateSeries,
}

/**
 * Serves what Prometheus reads in a cluster beside the functions: queue-proxy, activator and autoscaler of Knative 1.22, the
 * kubelet and kube-state-metrics; with the names, labels and types they have there, for eleven functions of one revision each.
 */
export async function startKnativeExporter(): Promise<{ readonly jobs: readonly ScrapeJob[]; readonly close: () => Promise<void> }> {
  const startedAt = performance.now()
  const pages: Readonly<Record<string, Page>> = {
    ...Object.fromEntries(Object.entries(jobs).map(([name, page]) => [`/${name}`, page])),
    ...Object.fromEntries(functionNames.map((name) => [`/queue-proxy/${name}`, queueProxyOf(name)])),
  }
  const server = createServer((request, response) => {
    const seconds = (performance.now() - startedAt) / 1000
    const families = pages[request.url ?? '']?.(functionNames.map((name) => lifeOf(name, seconds)))
    if (!families) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(expositionOf(families))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const targets = [`127.0.0.1:${(server.address() as AddressInfo).port}`]
  const job = (name: string): ScrapeJob => ({ job_name: name, static_configs: [{ targets, labels: { __metrics_path__: `/${name}` } }] })
  const queueProxies = functionNames.map((name) => ({ targets, labels: { __metrics_path__: `/queue-proxy/${name}`, ...scraped(name) } }))
  return {
    jobs: [...Object.keys(jobs).map(job), { job_name: 'queue-proxy', static_configs: queueProxies }],
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const queueProxyOf =
  (owner: FunctionName): Page =>
  (lives) =>
    queueProxySeries(lives.filter(({ name }) => name === owner))

/** What the scrape configuration adds from a pod's labels: queue-proxy itself does not say whose it is. */
const scraped = (name: FunctionName): Labels => ({
  kn_service_name: name,
  kn_revision_name: revisionOf(name),
  k8s_namespace_name: namespace,
  k8s_pod_name: podOf(name),
})
