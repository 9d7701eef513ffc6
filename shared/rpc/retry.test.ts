import { once } from 'node:events'
import { createServer } from 'node:net'
import { Server, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { Health, HealthCheckResponse_ServingStatus as Serving } from '#shared/proto/gen/grpc/health/v1/health_pb.js'
import { freePort } from '#shared/testing/port.ts'
import { methodDefinition } from './adapter.ts'
import { rpcClient } from './client.ts'
import { rpcCode } from './errors.ts'
import { listenRpc } from './server.ts'

/** A server of health checks, which the contract marks as free of side effects; `failures` come first. */
async function serveHealth(port: number, failures: readonly status[] = []) {
  const left = [...failures]
  let calls = 0
  const server = new Server()
  server.addService(
    { check: methodDefinition(Health, Health.method.check) },
    {
      check: (_: ServerUnaryCall<object, object>, respond: sendUnaryData<object>) => {
        calls++
        const code = left.shift()
        if (code === undefined) respond(null, { status: Serving.SERVING })
        else respond({ code, details: 'not now' })
      },
    },
  )
  await listenRpc(server, '127.0.0.1', port)
  onTestFinished(() => server.forceShutdown())
  return { calls: () => calls }
}

function clientOf(port: number) {
  const client = rpcClient('health', Health, `http://127.0.0.1:${port}`, async () => 'a.token')
  onTestFinished(client.close)
  return client
}

test('what has no side effects is tried again, twice, while the server is unavailable', async () => {
  const port = await freePort()
  const server = await serveHealth(port, [status.UNAVAILABLE, status.UNAVAILABLE])
  expect(await clientOf(port).check({})).toMatchObject({ status: Serving.SERVING })
  expect(server.calls()).toBe(3)
})

test('after three tries it fails', async () => {
  const port = await freePort()
  const server = await serveHealth(port, Array(9).fill(status.UNAVAILABLE))
  expect(
    rpcCode(
      await clientOf(port)
        .check({})
        .catch((error: unknown) => error),
    ),
  ).toBe(status.UNAVAILABLE)
  expect(server.calls()).toBe(3)
})

test('another failure than being unavailable is not tried again', async () => {
  const port = await freePort()
  const server = await serveHealth(port, [status.INTERNAL])
  expect(
    rpcCode(
      await clientOf(port)
        .check({})
        .catch((error: unknown) => error),
    ),
  ).toBe(status.INTERNAL)
  expect(server.calls()).toBe(1)
})

test('a call waits for a server that comes up only later', async () => {
  const port = await freePort()
  const closed = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
  await once(closed, 'listening')
  const refused = once(closed, 'connection')
  const answer = clientOf(port).check({})
  await refused
  await new Promise((resolve) => closed.close(resolve))
  await serveHealth(port)
  expect(await answer).toMatchObject({ status: Serving.SERVING })
})
