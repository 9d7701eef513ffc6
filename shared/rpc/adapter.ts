import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import type { MethodDefinition } from '@grpc/grpc-js'

/** The unary methods of a generated service. */
export type UnaryMethods<S extends DescService> = {
  [M in keyof S['method']]: S['method'][M] extends DescMethodUnary<infer I extends DescMessage, infer O extends DescMessage>
    ? { request: MessageShape<I>; requestInit: MessageInitShape<I>; response: MessageShape<O>; responseInit: MessageInitShape<O> }
    : never
}

export const pathOf = (service: DescService, method: { name: string }) => `/${service.typeName}/${method.name}`

/** What grpc-js needs to know of a method, with the messages of protobuf-es. */
export function methodDefinition(service: DescService, method: DescService['methods'][number]): MethodDefinition<object, object> {
  const serialize = (schema: DescMessage) => (message: object) => Buffer.from(toBinary(schema, create(schema, message as never)))
  const deserialize = (schema: DescMessage) => (bytes: Buffer) => fromBinary(schema, bytes)
  return {
    path: pathOf(service, method),
    requestStream: false,
    responseStream: false,
    requestSerialize: serialize(method.input),
    requestDeserialize: deserialize(method.input),
    responseSerialize: serialize(method.output),
    responseDeserialize: deserialize(method.output),
  }
}
