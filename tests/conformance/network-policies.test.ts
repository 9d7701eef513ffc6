import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FunctionInfo, functionNames, type Service, services, topology } from '../../scripts/topology.ts'
import { arrows } from './arrows.ts'
import { type KubeObject, podLabelsOf, podOf } from './kube.ts'
import { buildOverlay, canBuild, copyOfTree, type Tree } from './kustomize.ts'

type Labels = Readonly<Record<string, string>>
type Expression = { readonly key: string; readonly operator: string; readonly values?: readonly string[] }
type PodSelector = { readonly matchLabels?: Labels; readonly matchExpressions?: readonly Expression[] }
type Peer = { readonly podSelector?: PodSelector; readonly namespaceSelector?: PodSelector; readonly ipBlock?: object }
type Rule = { readonly from?: readonly Peer[]; readonly to?: readonly Peer[]; readonly ports?: readonly { readonly port: number }[] }
type Policy = {
  readonly podSelector: PodSelector
  readonly policyTypes: readonly string[]
  readonly ingress?: readonly Rule[]
  readonly egress?: readonly Rule[]
}
/** Somebody who sends or receives: a pod of the shop, or one of another namespace. */
type Party = { readonly namespace: string; readonly labels: Labels }

describe.runIf(canBuild())('the network lets through', () => {
  let tree: Tree
  let policies: Policy[] = []
  let objects: KubeObject[] = []

  beforeAll(async () => {
    tree = copyOfTree()
    objects = await buildOverlay(tree, 'production')
    policies = objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as unknown as Policy)
  }, 120_000)
  afterAll(() => tree.remove())

  const pod = (labels: Labels): Party => ({ namespace: 'shop', labels })
  const fn = (name: string) => pod({ 'serving.knative.dev/service': name })
  const database = (service: string) => pod({ 'app.kubernetes.io/name': 'postgres', 'app.kubernetes.io/instance': service })
  const helper = (name: string, service: string) => pod({ 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': service })
  const named = (name: string) => pod({ 'app.kubernetes.io/name': name })
  const kourier: Party = { namespace: 'kourier-system', labels: { app: '3scale-kourier-gateway' } }
  const activator: Party = { namespace: 'knative-serving', labels: { app: 'activator' } }
  const autoscaler: Party = { namespace: 'knative-serving', labels: { app: 'autoscaler' } }
  const dns: Party = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }
  const stranger: Party = { namespace: 'default', labels: { app: 'anything' } }
  const passes = (from: Party, to: Party, port: number) => canPass(policies, from, to, port)

  test('nothing that no policy names', () => {
    expect(policies).toContainEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    for (const name of functionNames) {
      expect([passes(stranger, fn(name), 8012), passes(stranger, fn(name), 8080), passes(fn(name), stranger, 443)]).toEqual([
        false,
        false,
        false,
      ])
    }
  })

  test('requests to functions by way of Kourier and the activator, and what the autoscaler and Prometheus read', () => {
    for (const name of functionNames) {
      for (const port of [8012, 8013]) expect([passes(kourier, fn(name), port), passes(activator, fn(name), port)]).toEqual([true, true])
      expect(passes(autoscaler, fn(name), 9090)).toBe(true)
      for (const port of [9091, 9464]) {
        expect([passes(named('prometheus'), fn(name), port), passes(kourier, fn(name), port), passes(stranger, fn(name), port)]).toEqual([
          true,
          false,
          false,
        ])
      }
      // Past queue-proxy nobody would be counted, limited or drained.
      expect([passes(kourier, fn(name), 8080), passes(activator, fn(name), 8080)]).toEqual([false, false])
    }
  })

  test('calls to other functions from those that make any, through Kourier and never straight', () => {
    for (const name of functionNames) {
      expect([name, passes(fn(name), kourier, 8081)]).toEqual([name, arrows[name].length > 0])
      for (const other of functionNames) expect(passes(fn(name), fn(other), 8012)).toBe(false)
      expect(passes(fn(name), dns, 53)).toBe(true)
    }
    expect([passes(named('sweep'), kourier, 8081), passes(named('sweep'), fn('orders'), 8012)]).toEqual([true, false])
  })

  test('to a database its own functions, jobs and exporter, and nobody else', () => {
    for (const service of services) {
      for (const name of functionNames) {
        const { database: own }: FunctionInfo = topology[name]
        expect([name, service, passes(fn(name), database(service), 5432)]).toEqual([name, service, own?.service === service])
      }
      for (const job of ['migrate', 'backup', 'postgres-exporter']) {
        for (const other of services) {
          expect([job, passes(helper(job, other), database(service), 5432)]).toEqual([job, other === service])
        }
      }
      for (const party of [kourier, activator, stranger, named('prometheus'), named('grafana'), named('sweep')]) {
        expect(passes(party, database(service), 5432)).toBe(false)
      }
      expect([passes(database(service), dns, 53), passes(database(service), stranger, 443)]).toEqual([false, false])
    }
  })

  test('what watches to what it watches', () => {
    for (const service of services) expect(passes(named('prometheus'), helper('postgres-exporter', service), 9187)).toBe(true)
    expect(passes(named('prometheus'), named('kube-state-metrics'), 8080)).toBe(true)
    expect(passes(named('prometheus'), activator, 9090) && passes(named('prometheus'), autoscaler, 9090)).toBe(true)
    expect([passes(named('grafana'), named('prometheus'), 9090), passes(stranger, named('prometheus'), 9090)]).toEqual([true, false])
  })

  test('these pods, which are as labelled here', () => {
    const labels = objects.filter((object) => podOf(object)).map(podLabelsOf)
    const parties = [
      ...functionNames.map(fn),
      ...services.flatMap((service: Service) => [
        database(service),
        ...['migrate', 'backup', 'postgres-exporter'].map((job) => helper(job, service)),
      ]),
      ...['prometheus', 'grafana', 'kube-state-metrics', 'sweep'].map(named),
    ]
    const bears = (found: Labels, party: Party) => Object.entries(party.labels).every(([key, value]) => found[key] === value)
    expect(parties.filter((party) => !labels.some((found) => bears(found, party)))).toEqual([])
    expect(labels.filter((found) => !parties.some((party) => bears(found, party)))).toEqual([])
  })
})

/** What a cluster's network would do: both ends have to allow it, and an end that no policy selects allows everything. */
function canPass(policies: readonly Policy[], from: Party, to: Party, port: number): boolean {
  const out = governing(policies, from, 'Egress').map(({ egress = [] }) => egress.some((rule) => allows(rule.to, rule, to, port)))
  const into = governing(policies, to, 'Ingress').map(({ ingress = [] }) => ingress.some((rule) => allows(rule.from, rule, from, port)))
  return [out, into].every((verdicts) => verdicts.length === 0 || verdicts.includes(true))
}

const governing = (policies: readonly Policy[], party: Party, type: string) =>
  party.namespace === 'shop'
    ? policies.filter(({ podSelector, policyTypes }) => policyTypes.includes(type) && selects(podSelector, party.labels))
    : []

function allows(peers: readonly Peer[] | undefined, { ports }: Rule, party: Party, port: number): boolean {
  const isPeer = peers === undefined || peers.some((peer) => isParty(peer, party))
  return isPeer && (ports === undefined || ports.some((open) => open.port === port))
}

function isParty({ podSelector = {}, namespaceSelector, ipBlock }: Peer, { namespace, labels }: Party): boolean {
  if (ipBlock) return false
  const inNamespace = namespaceSelector ? selects(namespaceSelector, { 'kubernetes.io/metadata.name': namespace }) : namespace === 'shop'
  return inNamespace && selects(podSelector, labels)
}

function selects({ matchLabels = {}, matchExpressions = [] }: PodSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      if (operator === 'Exists') return value !== undefined
      if (operator === 'In') return value !== undefined && values.includes(value)
      if (operator === 'NotIn') return value === undefined || !values.includes(value)
      throw new Error(`The test does not know the operator ${operator}`)
    })
  )
}
