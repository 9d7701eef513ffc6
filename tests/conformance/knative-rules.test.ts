import { expect, test } from 'vitest'
import { knativeFaults } from './knative-rules.ts'
import type { KubeObject } from './kube.ts'

const good = () => ({
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'orders' } as Record<string, unknown>,
  spec: {
    template: {
      metadata: {
        annotations: {
          'autoscaling.knative.dev/target': '20',
          'autoscaling.knative.dev/max-scale': '10',
        } as Record<string, unknown>,
      } as Record<string, unknown>,
      spec: {
        containerConcurrency: 60,
        timeoutSeconds: 60,
        volumes: [{ name: 'keys', secret: { secretName: 'orders-key' } }] as object[],
        containers: [
          {
            name: 'user-container',
            image: 'shop/orders',
            ports: [{ name: 'http1', containerPort: 8080 }] as object[],
            env: [] as object[],
            volumeMounts: [{ name: 'keys', mountPath: '/run/secrets/shop' }],
            readinessProbe: { httpGet: { path: '/readyz', port: 8080 } } as Record<string, unknown>,
            livenessProbe: { httpGet: { path: '/livez', port: 8080 }, periodSeconds: 10 } as Record<string, unknown>,
            securityContext: {} as Record<string, unknown>,
          },
        ] as [Record<string, unknown> & { ports: object[]; env: object[]; readinessProbe: object; securityContext: object }],
      } as Record<string, unknown> & { containers: unknown[]; volumes: object[] },
    },
  } as Record<string, unknown> & { template: { metadata: Record<string, unknown>; spec: Record<string, unknown> } },
})
type Good = ReturnType<typeof good>

const pod = (service: Good) => service.spec.template.spec
const container = (service: Good) => (pod(service)['containers'] as Record<string, unknown>[])[0] ?? {}
const annotate = (key: string, value: unknown) => (service: Good) =>
  Object.assign(service.spec.template.metadata['annotations'] as object, { [`autoscaling.knative.dev/${key}`]: value })
const setPod = (fields: object) => (service: Good) => Object.assign(pod(service), fields)
const set = (fields: object) => (service: Good) => Object.assign(container(service), fields)
const withProbe = (readinessProbe: object) => set({ readinessProbe })

test('a Service that Knative takes as it is meant has no fault', () => {
  expect(knativeFaults(good() as unknown as KubeObject)).toEqual([])
})

test.each<[string, (service: Good) => unknown, string]>([
  ['a selector', (service) => Object.assign(service.spec, { selector: { a: 'b' } }), 'spec may not have selector'],
  ['an init container', setPod({ initContainers: [] }), 'the pod may not have initContainers'],
  ['a grace period', setPod({ terminationGracePeriodSeconds: 30 }), 'the pod may not have terminationGracePeriodSeconds'],
  ['a restart policy', setPod({ restartPolicy: 'Always' }), 'the pod may not have restartPolicy'],
  ['a security context of the pod', setPod({ securityContext: {} }), 'the pod may not have securityContext'],
  ['spread constraints', setPod({ topologySpreadConstraints: [] }), 'the pod may not have topologySpreadConstraints'],
  ['a second container', (service) => (pod(service)['containers'] as object[]).push({ name: 'b' }), 'there has to be one container'],
  ['a lifecycle hook', set({ lifecycle: {} }), 'the container may not have lifecycle'],
  ['a startup probe', set({ startupProbe: {} }), 'the container may not have startupProbe'],
  ['an added capability', set({ securityContext: { capabilities: { add: ['NET_ADMIN'] } } }), 'a capability is added'],
  ['a privileged container', set({ securityContext: { privileged: true } }), 'its security context may not have privileged'],
  ['a metrics port', set({ ports: [{ containerPort: 8080 }, { containerPort: 9464 }] }), 'there has to be one port and there are 2'],
  ['a port named grpc', set({ ports: [{ name: 'grpc', containerPort: 8080 }] }), 'a port is named http1 or h2c'],
  ['a port of queue-proxy', set({ ports: [{ containerPort: 8012 }] }), 'port 8012 belongs to queue-proxy'],
  ['PORT', set({ env: [{ name: 'PORT', value: '1' }] }), 'PORT is set by Knative'],
  ['METRICS_PORT', set({ env: [{ name: 'METRICS_PORT', value: '1' }] }), 'METRICS_PORT is where Prometheus looks'],
  ['a fieldRef', set({ env: [{ name: 'POD', valueFrom: { fieldRef: {} } }] }), 'POD comes from a fieldRef'],
  ['envFrom', set({ envFrom: [] }), 'envFrom hides'],
  ['a claim', setPod({ volumes: [{ name: 'keys', persistentVolumeClaim: {} }] }), 'volume keys may not have persistentVolumeClaim'],
  ['a volume that is not mounted', (service) => (pod(service)['volumes'] as object[]).push({ name: 'b', emptyDir: {} }), 'volume b is not'],
  ['no readiness probe', (service) => delete container(service)['readinessProbe'], 'there is no readiness probe'],
  ['a slow readiness probe', withProbe({ httpGet: { port: 8080 }, periodSeconds: 1 }), 'a readiness probe with a period'],
  ['an exec probe', withProbe({ exec: { command: ['x'] } }), 'an exec probe'],
  ['a threshold without a period', withProbe({ httpGet: { port: 8080 }, failureThreshold: 1 }), 'may not have failureThreshold'],
  ['a probe of another port', withProbe({ httpGet: { port: 9464 } }), 'probes go to the one port'],
  ['an HTTP probe of h2c', set({ ports: [{ name: 'h2c', containerPort: 8080 }] }), 'an httpGet probe is HTTP/1.1'],
  ['a short timeout', setPod({ timeoutSeconds: 34 }), 'timeoutSeconds is 34'],
  ['no timeout', (service) => delete pod(service)['timeoutSeconds'], 'timeoutSeconds is undefined'],
  ['a long timeout', setPod({ timeoutSeconds: 601 }), 'timeoutSeconds is 601'],
  ['no limit of concurrency', setPod({ containerConcurrency: 0 }), 'containerConcurrency is 0'],
  ['a named template', (service) => Object.assign(service.spec.template.metadata, { name: 'orders-1' }), 'the template has a name'],
  ['no max-scale', annotate('max-scale', undefined), 'there is no max-scale'],
  ['a max-scale of 0', annotate('max-scale', '0'), 'max-scale may not be "0"'],
  ['a number instead of a text', annotate('min-scale', 1), 'min-scale may not be 1'],
  ['min-scale above max-scale', annotate('min-scale', '11'), 'max-scale 10 is less than min-scale 11'],
  ['an annotation of long ago', annotate('minScale', '1'), 'there is no annotation autoscaling.knative.dev/minScale'],
  ['a target above the limit', annotate('target', '61'), 'target 61 is more than containerConcurrency 60'],
  ['no target', annotate('target', undefined), 'there is no target'],
  ['a window of 5 s', annotate('window', '5s'), 'window may not be "5s"'],
  ['a window of two hours', annotate('window', '120m'), 'window may not be "120m"'],
  ['a retention in words', annotate('scale-to-zero-pod-retention-period', 'long'), 'retention-period may not be "long"'],
  [
    'an annotation in the wrong place',
    (service) => Object.assign(service.metadata, { annotations: { 'autoscaling.knative.dev/max-scale': '1' } }),
    'on the Service it does nothing',
  ],
  [
    'visibility in the wrong place',
    (service) => Object.assign(service.spec.template.metadata, { labels: { 'networking.knative.dev/visibility': 'cluster-local' } }),
    'visibility is a label of the Service',
  ],
])('a Service with %s is found at fault', (_, spoil, fault) => {
  const service = good()
  spoil(service)
  expect(knativeFaults(JSON.parse(JSON.stringify(service)) as KubeObject)).toContainEqual(expect.stringContaining(fault))
})
