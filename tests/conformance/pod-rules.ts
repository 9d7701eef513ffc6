import { type Container, isKnativeService, type KubeObject, type PodSpec, podOf } from './kube.ts'

/** What the restricted Pod Security level lets a pod mount. */
const volumeKinds = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret']

/** The pods that ask the API server for something. */
const askKubernetes = ['prometheus', 'kube-state-metrics']

/** Where a pod of an object has more rights than the restricted level gives, or than it needs. */
export function hardeningFaults(object: KubeObject): string[] {
  const pod = podOf(object)
  if (!pod) return object.kind === 'ServiceAccount' && object.automountServiceAccountToken !== false ? ['its token is mounted unasked'] : []
  const containers = [...pod.containers, ...(pod.initContainers ?? [])]
  const asks = askKubernetes.includes(object.metadata.name)
  return [
    ...['hostNetwork', 'hostPID', 'hostIPC'].filter((key) => pod[key]).map((key) => `${key} is set`),
    ...(pod.serviceAccountName ? [] : ['it has no account of its own']),
    ...((pod.automountServiceAccountToken ?? true) === asks
      ? []
      : ['a token of its account is mounted that it does not use, or not one it does']),
    ...(pod['enableServiceLinks'] === false ? [] : ['the addresses of all Services are in its environment']),
    ...(pod.volumes ?? []).flatMap(({ name, ...kinds }) =>
      Object.keys(kinds)
        .filter((kind) => !volumeKinds.includes(kind))
        .map((kind) => `${name} is a ${kind}`),
    ),
    ...containers.flatMap((container) => containerFaults(container, pod).map((fault) => `${container.name} ${fault}`)),
    ...(isKnativeService(object) && pod.securityContext ? ['Knative takes a security context of containers only'] : []),
  ]
}

function containerFaults({ securityContext = {}, resources = {} }: Container, pod: PodSpec): string[] {
  const merged = { ...pod.securityContext, ...securityContext }
  return [
    ...(merged.runAsNonRoot === true && merged.runAsUser !== 0 ? [] : ['may run as root']),
    ...(merged.runAsUser === undefined ? ['has no user: an image whose user is a name would be refused'] : []),
    ...(merged.seccompProfile?.type === 'RuntimeDefault' ? [] : ['has no seccomp profile']),
    ...(merged.allowPrivilegeEscalation === false ? [] : ['may gain privileges']),
    ...(merged.privileged ? ['is privileged'] : []),
    ...(merged.capabilities?.drop?.includes('ALL') && !merged.capabilities.add ? [] : ['keeps capabilities']),
    ...(merged.readOnlyRootFilesystem === true ? [] : ['may write to its image']),
    ...(resources.requests?.['cpu'] && resources.requests['memory'] ? [] : ['says not what it needs']),
    ...(resources.limits?.['memory'] ? [] : ['may take all memory of its node']),
  ]
}
