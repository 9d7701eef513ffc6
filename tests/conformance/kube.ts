/** The parts of Kubernetes objects that the tests look at; everything else is checked by their schemas. */
export type KubeObject = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: Spec
  readonly automountServiceAccountToken?: boolean
}

export type Metadata = {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export type Spec = Readonly<Record<string, unknown>> & {
  readonly template?: { readonly metadata?: Metadata; readonly spec: PodSpec }
  readonly jobTemplate?: { readonly spec: { readonly template: { readonly metadata?: Metadata; readonly spec: PodSpec } } }
}

export type PodSpec = Readonly<Record<string, unknown>> & {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly serviceAccountName?: string
  readonly automountServiceAccountToken?: boolean
  readonly securityContext?: SecurityContext
  readonly containerConcurrency?: number
  readonly timeoutSeconds?: number
}

export type Container = Readonly<Record<string, unknown>> & {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly Variable[]
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string }; readonly secretRef?: { readonly name: string } }[]
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly securityContext?: SecurityContext
  readonly resources?: { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> }
}

export type Variable = {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: Readonly<Record<string, unknown>> & {
    readonly secretKeyRef?: KeyRef
    readonly configMapKeyRef?: KeyRef
  }
}

type KeyRef = { readonly name: string; readonly key: string; readonly optional?: boolean }
type Source = { readonly secret?: { readonly name: string }; readonly configMap?: { readonly name: string } }

export type Volume = Readonly<Record<string, unknown>> & {
  readonly name: string
  readonly secret?: { readonly secretName: string; readonly items?: readonly { readonly key: string; readonly path: string }[] }
  readonly configMap?: { readonly name: string }
  readonly projected?: { readonly sources: readonly Source[] }
  readonly persistentVolumeClaim?: { readonly claimName: string }
}

export type Probe = Readonly<Record<string, unknown>> & {
  readonly periodSeconds?: number
  readonly httpGet?: { readonly path: string; readonly port: number }
  readonly tcpSocket?: { readonly port: number }
  readonly grpc?: { readonly port: number }
}

export type SecurityContext = {
  readonly runAsNonRoot?: boolean
  readonly runAsUser?: number
  readonly readOnlyRootFilesystem?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly privileged?: boolean
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  readonly seccompProfile?: { readonly type: string }
}

export const isKnativeService = ({ apiVersion, kind }: KubeObject) => kind === 'Service' && apiVersion.startsWith('serving.knative.dev/')

/** How messages name an object. */
export const nameOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`

/** The pod that an object makes, of which there is none for most kinds. */
export const podOf = ({ spec }: KubeObject): PodSpec | undefined => spec?.jobTemplate?.spec.template.spec ?? spec?.template?.spec

/** The labels that the pods of an object bear; Knative adds its own. */
export function podLabelsOf(object: KubeObject): Readonly<Record<string, string>> {
  const template = object.spec?.jobTemplate?.spec.template ?? object.spec?.template
  const own = isKnativeService(object) ? { 'serving.knative.dev/service': object.metadata.name } : {}
  return { ...template?.metadata?.labels, ...own }
}

/** Every ConfigMap and Secret a pod asks for by name, with the keys it names. */
export function sourcesOf(pod: PodSpec): { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string; readonly key?: string }[] {
  const containers = [...pod.containers, ...(pod.initContainers ?? [])]
  const variables = containers.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom ?? {}))
  const files = (pod.volumes ?? []).flatMap((volume) => [volume, ...(volume.projected?.sources ?? [])])
  const all = containers.flatMap(({ envFrom = [] }) => envFrom)
  return [
    ...variables.flatMap(({ secretKeyRef }) => (secretKeyRef ? [{ kind: 'Secret' as const, ...secretKeyRef }] : [])),
    ...variables.flatMap(({ configMapKeyRef }) => (configMapKeyRef ? [{ kind: 'ConfigMap' as const, ...configMapKeyRef }] : [])),
    ...all.flatMap(({ secretRef }) => (secretRef ? [{ kind: 'Secret' as const, name: secretRef.name }] : [])),
    ...all.flatMap(({ configMapRef }) => (configMapRef ? [{ kind: 'ConfigMap' as const, name: configMapRef.name }] : [])),
    ...files.flatMap(({ configMap }) => (configMap ? [{ kind: 'ConfigMap' as const, name: configMap.name }] : [])),
    ...files.flatMap(({ secret }) => secretFiles(secret)),
  ]
}

type SecretFiles = { readonly name?: string; readonly secretName?: string; readonly items?: readonly { readonly key: string }[] }

function secretFiles(secret: SecretFiles | undefined) {
  const name = secret?.secretName ?? secret?.name
  if (name === undefined) return []
  const items = secret?.items ?? []
  return items.length === 0 ? [{ kind: 'Secret' as const, name }] : items.map(({ key }) => ({ kind: 'Secret' as const, name, key }))
}
