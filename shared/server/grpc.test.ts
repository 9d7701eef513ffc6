import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '#shared/log/log.ts'
import { ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { rpcClient } from '#shared/rpc/client.ts'
import { rpcCode } from '#shared/rpc/errors.ts'
import { type Implementation, rpcService } from '#shared/rpc/server.ts'
import { freePort } from '#shared/testing/port.ts'
import { serveGrpc } from './grpc.ts'

/** A server whose one method answers when it is told to. */
async function setup() {
  const entered = Promise.withResolvers<void>()
  const proceed = Promise.withResolvers<void>()
  const release = async () => {
    entered.resolve()
    await proceed.promise
    return {}
  }
  const listen = serveGrpc({
    services: [rpcService(ReservationService, { release } as unknown as Implementation<typeof ReservationService>)],
    verifyCaller: async () => 'orders',
    ready: async () => {},
    log: createLog('test', 'silent'),
  })
  const port = await freePort()
  const listener = await listen({ host: '127.0.0.1', port, onAnswer: () => {} })
  const client = rpcClient('reservations', ReservationService, `http://127.0.0.1:${port}`, async () => 'a.token')
  onTestFinished(async () => {
    proceed.resolve()
    client.close()
    await listener.close(0)
  })
  const call = (timeoutMs?: number) => client.release({ orderId: randomUUID() }, timeoutMs === undefined ? {} : { timeoutMs })
  return { listen, listener, port, call, entered: entered.promise, proceed: proceed.resolve }
}

const MINUTE = 60_000

test('it listens where it was told to, and fails to start where another does', async () => {
  const { listen, listener, port } = await setup()
  expect(listener.port).toBe(port)
  await expect(listen({ host: '127.0.0.1', port, onAnswer: () => {} })).rejects.toThrow('EADDRINUSE')
})

test('closing lets in nobody else, and waits for the call under way', async () => {
  const { listener, port, call, entered, proceed } = await setup()
  const slow = call()
  await entered
  const closed = listener.close(MINUTE)
  const [refused] = await once(connect(port, '127.0.0.1'), 'error')
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
  proceed()
  expect(await slow).toMatchObject({ $typeName: 'shop.stock.v1.ReleaseResponse' })
  await closed
})

test('a kept channel that is idle, or a connection that never asked, does not hold up closing', async () => {
  const { listener, port, call, proceed } = await setup()
  const silent = connect(port, '127.0.0.1').resume()
  await once(silent, 'connect')
  proceed()
  await call()
  await expect(listener.close(MINUTE)).resolves.toBeUndefined()
})

test('a peer that does not react to the end is left behind when the time is over', async () => {
  const { listener, port, call, proceed } = await setup()
  const deaf = connect(port, '127.0.0.1')
  await once(deaf, 'connect')
  proceed()
  await call()
  await expect(listener.close(50)).resolves.toBeUndefined()
  deaf.destroy()
})

test('what is not answered in time is cut', async () => {
  const { listener, call, entered } = await setup()
  const failure = call(MINUTE).catch((error: unknown) => error)
  await entered
  await listener.close(50)
  expect(status[rpcCode(await failure) ?? -1]).toMatch(/UNAVAILABLE|CANCELLED|INTERNAL/)
})
