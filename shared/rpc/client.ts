import type { DescService } from '@bufbuild/protobuf'
import { MethodOptions_IdempotencyLevel as Level } from '@bufbuild/protobuf/wkt'
import { Client, connectivityState, credentials, Metadata, status } from '@grpc/grpc-js'
import { histogram } from '#shared/telemetry/metrics.ts'
import { startSpan, traceparentOf } from '#shared/telemetry/trace.ts'
import { methodDefinition, type UnaryMethods } from './adapter.ts'
import { rpcCode } from './errors.ts'

const duration = histogram('rpc.client.call.duration', { description: 'Duration of calls to other functions', unit: 's' })

/** The methods of a service, each with an optional deadline in milliseconds. */
export type RpcClient<S extends DescService> = {
  [M in keyof UnaryMethods<S>]: (
    request: UnaryMethods<S>[M]['requestInit'],
    options?: { timeoutMs?: number },
  ) => Promise<UnaryMethods<S>[M]['response']>
} & { readonly close: () => void }

const DEADLINE_MS = 2_000
/** The first call of a channel may have to wait for a function that starts from zero. */
const FIRST_DEADLINE_MS = 8_000

/**
 * The generated client of the function `peer`: the only way one function reaches another by gRPC. Every call has a
 * deadline; methods that the contract marks as free of side effects are tried again while the server is unavailable.
 */
export function rpcClient<S extends DescService>(peer: string, service: S, url: string, token: () => Promise<string>): RpcClient<S> {
  const { host } = new URL(url)
  const client = new Client(host.includes(':') ? host : `${host}:80`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': 1024 * 1024,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.service_config': JSON.stringify(retriesOf(service)),
  })
  client.getChannel().getConnectivityState(true)

  const call = async (method: DescService['methods'][number], request: object, timeoutMs?: number): Promise<object> => {
    const { path, requestSerialize, responseDeserialize } = methodDefinition(service, method)
    const start = performance.now()
    const attributes: Record<string, string> = {
      'rpc.system.name': 'grpc',
      'rpc.method': `${service.typeName}/${method.name}`,
      'service.peer.name': peer,
    }
    const span = startSpan('client', `${service.typeName}/${method.name}`, { attributes })
    try {
      const metadata = new Metadata({ waitForReady: true })
      metadata.set('authorization', `Bearer ${await token()}`)
      metadata.set('traceparent', traceparentOf(span.context))
      const connected = client.getChannel().getConnectivityState(false) === connectivityState.READY
      const deadline = Date.now() + (timeoutMs ?? (connected ? DEADLINE_MS : FIRST_DEADLINE_MS))
      const response = await new Promise<object>((resolve, reject) => {
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, { deadline }, (error, answer) => {
          if (error) reject(error)
          else resolve(answer ?? {})
        })
      })
      attributes['rpc.response.status_code'] = status[status.OK]
      span.end({ attributes })
      return response
    } catch (error) {
      attributes['rpc.response.status_code'] = status[rpcCode(error) ?? status.UNKNOWN]
      span.end({ attributes, error })
      throw error
    } finally {
      duration.record((performance.now() - start) / 1000, attributes)
    }
  }

  const methods = service.methods.map((method) => [
    method.localName,
    (request: object, options: { timeoutMs?: number } = {}) => call(method, request, options.timeoutMs),
  ])
  return { ...Object.fromEntries(methods), close: () => client.close() } as RpcClient<S>
}

const retriesOf = (service: DescService) => ({
  loadBalancingConfig: [],
  methodConfig: service.methods
    .filter((method) => method.idempotency === Level.NO_SIDE_EFFECTS)
    .map((method) => ({
      name: [{ service: service.typeName, method: method.name }],
      retryPolicy: {
        maxAttempts: 3,
        initialBackoff: '0.05s',
        maxBackoff: '0.5s',
        backoffMultiplier: 3,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    })),
})
