import type { Command } from './buildah.ts'

/** The releases that the shop is made for; CRDs and controllers of another one may name settings and metrics differently. */
export const SERVING = 'knative-v1.23.0'
export const KOURIER = 'knative-v1.23.0'

const serving = (file: string) => `https://github.com/knative/serving/releases/download/${SERVING}/${file}`
const kourier = `https://github.com/knative-extensions/net-kourier/releases/download/${KOURIER}/kourier.yaml`

/** What is asked to see whether the release is installed already. */
export const versionQuery: Command = [
  'kubectl',
  'get',
  'deployment',
  'controller',
  '--namespace=knative-serving',
  '--ignore-not-found',
  '--output=jsonpath={.metadata.labels.app\\.kubernetes\\.io/version}',
]

/** Installs Knative Serving and Kourier, in this order; applying it again changes nothing. */
export const installCommands: readonly Command[] = [
  ['kubectl', 'apply', '--server-side', '--filename', serving('serving-crds.yaml')],
  ['kubectl', 'wait', '--for=condition=Established', '--timeout=60s', 'crd', '--selector=knative.dev/crd-install=true'],
  ['kubectl', 'apply', '--server-side', '--filename', serving('serving-core.yaml')],
  ['kubectl', 'apply', '--server-side', '--filename', kourier],
  // Settings are checked by a webhook, which has to answer first.
  ['kubectl', 'wait', '--for=condition=Available', '--timeout=300s', '--namespace=knative-serving', 'deployment', '--all'],
  ['kubectl', 'wait', '--for=condition=Available', '--timeout=300s', '--namespace=kourier-system', 'deployment', '--all'],
]

/** Gives Knative the settings of an overlay; what it reads at its start only is read again. */
export const settingsCommands = (overlay: 'local' | 'production'): readonly Command[] => [
  ['kubectl', 'apply', '--server-side', '--force-conflicts', '--kustomize', `knative/serving/${overlay}`],
  ['kubectl', 'rollout', 'restart', '--namespace=knative-serving', 'deployment'],
  ['kubectl', 'rollout', 'status', '--namespace=knative-serving', '--timeout=300s', 'deployment'],
]
