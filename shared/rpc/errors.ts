import { status } from '@grpc/grpc-js'

/** An error of a call, with a code of gRPC; the message reaches the caller. Anything else that is thrown becomes an opaque INTERNAL. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: status
  constructor(code: status, message: string) {
    super(message)
    this.code = code
  }
}

export const invalidArgument = (message: string): RpcError => new RpcError(status.INVALID_ARGUMENT, message)

/** The gRPC status code of an error, also of one that a client received. */
export const rpcCode = (error: unknown): status | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
