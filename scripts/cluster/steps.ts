import type { Command } from './buildah.ts'

export const CLUSTER = 'shop'
/** Kubernetes 1.34 is the least that Knative Serving 1.23 accepts. */
const NODE_IMAGE = 'kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a'

/** The programs that a cluster on one machine takes, with where they are had. */
export const tools: Readonly<Record<string, string>> = {
  docker: 'https://docs.docker.com/engine/install/',
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  kubectl: 'https://kubernetes.io/docs/tasks/tools/',
  skaffold: 'https://skaffold.dev/docs/install/',
}

/** Asks which clusters there are, one a line. */
export const clustersQuery: Command = ['kind', 'get', 'clusters']

export const createCluster: Command = ['kind', 'create', 'cluster', '--name', CLUSTER, '--image', NODE_IMAGE, '--wait', '120s']

/** From an empty cluster to a shop that is ready, one command after the other; doing it again brings it up to date. */
export const upCommands: readonly Command[] = [
  ['kubectl', 'config', 'use-context', `kind-${CLUSTER}`],
  ['node', 'scripts/install-knative.ts'],
  ['node', 'scripts/secrets.ts'],
  ['kubectl', 'apply', '--kustomize', 'knative/secrets'],
  ['skaffold', 'run', '--module', 'shop', '--profile', 'local', '--port-forward=off', '--status-check=false'],
  ['kubectl', 'wait', '--for=condition=Complete', '--timeout=600s', '--namespace=shop', 'job', '--selector=app.kubernetes.io/name=migrate'],
  ['kubectl', 'wait', '--for=condition=Ready', '--timeout=600s', '--namespace=shop', 'services.serving.knative.dev', '--all'],
]

/** How to reach it then. */
export const reachIt = `The shop is in the cluster. To reach it:
  kubectl port-forward --namespace kourier-system service/kourier 8080:80
  npm run smoke -- --url http://127.0.0.1:8080 --host-suffix shop.127.0.0.1.sslip.io
`

export const downCommands: readonly Command[] = [['kind', 'delete', 'cluster', '--name', CLUSTER]]
