import { createRpcServer, listenRpc, type RpcServerOptions } from '#shared/rpc/server.ts'
import type { Listener } from './listener.ts'
import type { ListenOptions } from './run.ts'

/** Serves gRPC over cleartext HTTP/2, with `grpc.health.v1` beside the services. */
export const serveGrpc =
  (options: Omit<RpcServerOptions, 'onAnswer'>) =>
  async ({ host, port, onAnswer }: ListenOptions): Promise<Listener> => {
    const server = createRpcServer({ ...options, onAnswer })
    return {
      port: await listenRpc(server, host, port),
      close: (drainMs) =>
        new Promise((resolve) => {
          const cut = setTimeout(() => {
            server.forceShutdown()
            // A peer that does not react keeps its socket, and the server, open.
            resolve()
          }, drainMs)
          server.tryShutdown(() => {
            clearTimeout(cut)
            resolve()
          })
        }),
    }
  }
