import { join } from 'node:path'
import type { Shop } from '../shop/options.ts'
import type { Service } from '../topology.ts'

const observability = join(import.meta.dirname, '..', '..', 'knative', 'observability')

/** Recording rules and alerts: the same on one machine as in a cluster. */
export const ruleFiles = join(observability, 'prometheus', 'rules', '*.yaml')

/** The committed queries that the exporter runs in one service's database. */
export const queriesFile = (service: Service): string => join(observability, 'postgres-exporter', `${service}.yaml`)

/** Targets that Prometheus reads under one job name; each target is `host:port`. */
export type ScrapeJob = {
  readonly job_name: string
  readonly static_configs: readonly { readonly targets: readonly string[]; readonly labels?: Readonly<Record<string, string>> }[]
}

export type ConfigOptions = {
  readonly shop: Pick<Shop, 'names' | 'metricsUrls'>
  /** The exporter of each database that has one, as a url. */
  readonly exporters: Readonly<Partial<Record<Service, string>>>
  readonly intervalMs: number
  readonly jobs: readonly ScrapeJob[]
}

/**
 * The configuration for the functions and databases of one machine: the jobs and labels that
 * `knative/observability/prometheus/prometheus.yaml` gives them in a cluster, so that rules and boards fit both. It is JSON,
 * which is YAML too.
 */
export function prometheusConfig({ shop, exporters, intervalMs, jobs }: ConfigOptions): string {
  const functions: ScrapeJob = {
    job_name: 'functions',
    static_configs: shop.names.map((name) => ({
      targets: [new URL(shop.metricsUrls[name]).host],
      labels: { kn_service_name: name, kn_revision_name: 'local', k8s_namespace_name: 'local', k8s_pod_name: `${name}-local` },
    })),
  }
  const postgres: ScrapeJob = {
    job_name: 'postgres',
    static_configs: Object.entries(exporters).map(([service, url]) => ({
      targets: [new URL(url).host],
      labels: { shop_service: service },
    })),
  }
  const interval = `${intervalMs}ms`
  const global = { scrape_interval: interval, scrape_timeout: `${Math.min(intervalMs, 10_000)}ms`, evaluation_interval: interval }
  return `${JSON.stringify({ global, rule_files: [ruleFiles], scrape_configs: [functions, postgres, ...jobs] }, null, 2)}\n`
}
