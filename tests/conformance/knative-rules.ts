import { scaleFaults } from './knative-scale-rules.ts'
import type { Container, KubeObject, PodSpec, Probe, Variable } from './kube.ts'

/** What Knative Serving takes in a template; a webhook refuses the rest of a PodSpec, or a flag would have to be switched on. */
const podFields = `
  containers volumes serviceAccountName automountServiceAccountToken enableServiceLinks imagePullSecrets
  containerConcurrency timeoutSeconds responseStartTimeoutSeconds idleTimeoutSeconds
`
const containerFields = `
  name image imagePullPolicy command args workingDir env envFrom ports volumeMounts resources securityContext readinessProbe
  livenessProbe terminationMessagePath terminationMessagePolicy
`
const volumeFields = 'name secret configMap projected emptyDir'
const securityFields = 'runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation seccompProfile capabilities'

/** Ports of queue-proxy and of profiling. */
const reservedPorts = [8008, 8012, 8013, 8022, 8112, 9090, 9091]
/** Set by Knative in each container; a manifest that sets them is refused. */
const reservedVariables = ['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION']

/** A drain takes 30 s and the process 5 s more; SIGKILL comes after timeoutSeconds. */
const SHORTEST_END = 35
const LONGEST = 600

/** What Knative would refuse of a Service, or would take and then not do as it was meant. */
export function knativeFaults(service: KubeObject): string[] {
  const template = service.spec?.template
  if (!template) return ['there is no template']
  const { spec, metadata } = template
  const [container, ...more] = spec.containers
  if (!container || more.length > 0) return ['there has to be one container: queue-proxy is added, and sidecars lengthen each start']
  return [
    ...others(service.spec ?? {}, 'template traffic', 'spec'),
    ...others(spec, podFields, 'the pod'),
    ...others(container, containerFields, 'the container'),
    ...others(container.securityContext ?? {}, securityFields, 'its security context'),
    ...(container.securityContext?.capabilities?.add ? ['a capability is added, which takes a flag'] : []),
    ...(metadata?.name ? ['the template has a name: every change would need another one'] : []),
    ...(metadata?.labels?.['networking.knative.dev/visibility'] ? ['visibility is a label of the Service and not of its template'] : []),
    ...portFaults(container),
    ...(container.env ?? []).flatMap(variableFaults),
    ...(container.envFrom ? ['envFrom hides what a function reads'] : []),
    ...volumeFaults(spec, container),
    ...probeFaults(container),
    ...timeFaults(spec),
    ...scaleFaults(service),
  ]
}

const others = (object: object, known: string, where: string) =>
  Object.keys(object)
    .filter((key) => !known.trim().split(/\s+/).includes(key))
    .map((key) => `${where} may not have ${key}`)

function portFaults({ ports = [] }: Container): string[] {
  const [port, ...more] = ports
  if (!port || more.length > 0) return [`there has to be one port and there are ${ports.length}: metrics are scraped undeclared`]
  const { name = '', containerPort } = port
  return [
    ...(['', 'http1', 'h2c'].includes(name) ? [] : [`a port is named http1 or h2c, not ${name}`]),
    ...(reservedPorts.includes(containerPort) ? [`port ${containerPort} belongs to queue-proxy`] : []),
    ...(containerPort === 9464 ? ['port 9464 is for metrics, and past the ingress'] : []),
  ]
}

function variableFaults({ name, valueFrom = {} }: Variable): string[] {
  return [
    ...(reservedVariables.includes(name) ? [`${name} is set by Knative`] : []),
    ...(name === 'METRICS_PORT' ? ['METRICS_PORT is where Prometheus looks, and may not differ'] : []),
    ...Object.keys(valueFrom)
      .filter((source) => source === 'fieldRef' || source === 'resourceFieldRef')
      .map((source) => `${name} comes from a ${source}, which takes a flag`),
  ]
}

function volumeFaults({ volumes = [] }: PodSpec, { volumeMounts = [] }: Container): string[] {
  const mounted = volumeMounts.map(({ name }) => name)
  return [
    ...volumes.flatMap((volume) => others(volume, volumeFields, `volume ${volume.name}`)),
    ...volumes.filter(({ name }) => !mounted.includes(name)).map(({ name }) => `volume ${name} is not mounted, which is refused`),
  ]
}

function probeFaults({ ports = [], readinessProbe, livenessProbe }: Container): string[] {
  const [port] = ports
  const strange = (probe: Probe | undefined) => probe !== undefined && portOf(probe) !== port?.containerPort
  return [
    ...(readinessProbe ? [] : ['there is no readiness probe']),
    ...(readinessProbe?.['exec'] ? ['an exec probe runs a process at each try and keeps the activator from trying itself'] : []),
    ...(readinessProbe?.periodSeconds ? ['a readiness probe with a period is asked once a second at best; without one every 50 ms'] : []),
    ...['failureThreshold', 'timeoutSeconds']
      .filter((key) => !readinessProbe?.periodSeconds && readinessProbe?.[key] !== undefined)
      .map((key) => `a readiness probe without a period may not have ${key}`),
    ...(strange(readinessProbe) || strange(livenessProbe) ? ['probes go to the one port'] : []),
    ...(port?.name === 'h2c' && (readinessProbe?.httpGet || livenessProbe?.httpGet)
      ? ['an httpGet probe is HTTP/1.1, and h2c is not']
      : []),
  ]
}

const portOf = ({ httpGet, tcpSocket, grpc }: Probe) => (httpGet ?? tcpSocket ?? grpc)?.port

function timeFaults({ timeoutSeconds, containerConcurrency }: PodSpec): string[] {
  return [
    ...(timeoutSeconds === undefined || timeoutSeconds < SHORTEST_END || timeoutSeconds > LONGEST
      ? [
          `timeoutSeconds is ${timeoutSeconds}: below ${SHORTEST_END} a pod is killed before its process heard SIGTERM, above ${LONGEST} refused`,
        ]
      : []),
    ...(containerConcurrency === undefined || containerConcurrency < 1 || containerConcurrency > 1000
      ? [`containerConcurrency is ${containerConcurrency}: only from 1 to 1000 queue-proxy limits, and measures its queue`]
      : []),
  ]
}
