import type { DescService } from '@bufbuild/protobuf'
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js'
import { bearerToken } from '#shared/auth/bearer.ts'
import type { Log } from '#shared/log/log.ts'
import { isUnavailable } from '#shared/pg/errors.ts'
import { Health, HealthCheckResponse_ServingStatus as Serving } from '#shared/proto/gen/grpc/health/v1/health_pb.js'
import { histogram } from '#shared/telemetry/metrics.ts'
import { parseTraceparent, startSpan } from '#shared/telemetry/trace.ts'
import { methodDefinition, type UnaryMethods } from './adapter.ts'
import { RpcError } from './errors.ts'

const duration = histogram('rpc.server.call.duration', { description: 'Duration of calls answered', unit: 's' })

/** What answers a service's methods. */
export type Implementation<S extends DescService> = {
  [M in keyof UnaryMethods<S>]: (request: UnaryMethods<S>[M]['request']) => Promise<UnaryMethods<S>[M]['responseInit']>
}

/** A service with what answers it. */
export type RpcService = { readonly service: DescService; readonly implementation: Readonly<Record<string, unknown>> }

export const rpcService = <S extends DescService>(service: S, implementation: Implementation<S>): RpcService => ({
  service,
  implementation,
})

export type RpcServerOptions = {
  readonly services: readonly RpcService[]
  /** The calling function's name for a good service token; `undefined` refuses the call. */
  readonly verifyCaller: (token: string) => Promise<string | undefined>
  readonly ready: () => Promise<void>
  readonly log: Log
  readonly onAnswer: () => void
}

/** A gRPC server of unary methods; every call but the health check needs a service token. */
export function createRpcServer({ services, verifyCaller, ready, log, onAnswer }: RpcServerOptions): Server {
  const server = new Server({ 'grpc.max_receive_message_length': 1024 * 1024 })

  const answer = (
    service: DescService,
    method: DescService['methods'][number],
    run: (request: object) => Promise<object>,
    open = false,
  ) => {
    const handler = async (call: ServerUnaryCall<object, object>, respond: sendUnaryData<object>) => {
      const start = performance.now()
      const span = startSpan('server', `${service.typeName}/${method.name}`, {
        parent: parseTraceparent(call.metadata.get('traceparent')[0]?.toString()),
      })
      let code = status.OK
      let failure: unknown
      try {
        const token = bearerToken(call.metadata.get('authorization')[0]?.toString())
        if (!open && !(await verifyCaller(token ?? '')))
          throw new RpcError(status.UNAUTHENTICATED, 'A service token for this function is required')
        respond(null, await span.run(() => run(call.request)))
      } catch (error) {
        const known = toRpcError(error)
        code = known.code
        failure = error
        if (known.code === status.INTERNAL || known.code === status.UNAVAILABLE)
          span.run(() => log.error({ err: error, method: method.name }, 'call failed'))
        respond({ code: known.code, details: known.message })
      } finally {
        const attributes = {
          'rpc.system.name': 'grpc',
          'rpc.method': `${service.typeName}/${method.name}`,
          'rpc.response.status_code': status[code],
        }
        duration.record((performance.now() - start) / 1000, attributes)
        span.end({ attributes, error: failure })
        if (!open) onAnswer()
      }
    }
    const definition = methodDefinition(service, method)
    server.addService({ [method.name]: definition }, { [method.name]: (...call: Parameters<typeof handler>) => void handler(...call) })
  }

  for (const { service, implementation } of services) {
    for (const method of service.methods) answer(service, method, implementation[method.localName] as (request: object) => Promise<object>)
  }
  answer(
    Health,
    Health.method.check,
    async () => ({
      status: await ready().then(
        () => Serving.SERVING,
        () => Serving.NOT_SERVING,
      ),
    }),
    true,
  )
  return server
}

function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error
  if (isUnavailable(error)) return new RpcError(status.UNAVAILABLE, 'The database is not available')
  return new RpcError(status.INTERNAL, 'Something went wrong on our side')
}

/** Binds the server without TLS (inside a cluster the mesh or network policy guards it) and returns its port. */
export function listenRpc(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)))
  })
}
