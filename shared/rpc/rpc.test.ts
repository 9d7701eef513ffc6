import { randomUUID } from 'node:crypto'
import { Client, credentials, Metadata, status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { serviceVerifier } from '#shared/auth/service-token.ts'
import { createLog } from '#shared/log/log.ts'
import { Health, HealthCheckResponse_ServingStatus as Serving } from '#shared/proto/gen/grpc/health/v1/health_pb.js'
import { ReservationService } from '#shared/proto/gen/shop/stock/v1/reservations_pb.js'
import { serveGrpc } from '#shared/server/grpc.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { freePort } from '#shared/testing/port.ts'
import { methodDefinition } from './adapter.ts'
import { rpcClient } from './client.ts'
import { invalidArgument, RpcError, rpcCode } from './errors.ts'
import { type Implementation, rpcService } from './server.ts'

const identity = testIdentity()
const orderId = randomUUID()
const goodToken = () => identity.serviceToken('orders', 'reservations')

type Methods = Implementation<typeof ReservationService>
type Options = { methods?: Partial<Methods>; ready?: () => Promise<void>; port?: number }

/** A server of reservations whose methods are `methods`, and what it logged. */
async function start({ methods = {}, ready = async () => {}, port }: Options = {}) {
  const lines: Record<string, unknown>[] = []
  let answered = 0
  const unused = async () => {
    throw new Error('not expected')
  }
  const all = Object.fromEntries(ReservationService.methods.map(({ localName }) => [localName, unused]))
  const listener = await serveGrpc({
    services: [rpcService(ReservationService, { ...all, ...methods } as Methods)],
    verifyCaller: serviceVerifier(identity.jwks, 'reservations', ['orders']),
    ready,
    log: createLog('reservations', 'info', { write: (line) => void lines.push(JSON.parse(line)) }),
  })({ host: '127.0.0.1', port: port ?? (await freePort()), onAnswer: () => void answered++ })
  onTestFinished(() => listener.close(0))
  return { port: listener.port, listener, lines, answered: () => answered }
}

function clientOf(port: number, token: () => Promise<string> = goodToken) {
  const client = rpcClient('reservations', ReservationService, `http://127.0.0.1:${port}`, token)
  onTestFinished(client.close)
  return client
}

/** The code and text a call failed with. */
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: Error & { details?: string }) => ({ code: status[rpcCode(error) ?? -1], details: error.details }),
  )

test('a call brings the request to the method and its answer back', async () => {
  const seen: unknown[] = []
  const { port, answered } = await start({
    methods: {
      reserve: async ({ orderId, items, country }) => {
        seen.push({ orderId, items: items.map(({ sku, quantity }) => ({ sku, quantity })), country })
        return { result: { case: 'shortage', value: { skus: ['MUG-1'] } } }
      },
    },
  })
  const items = [{ sku: 'MUG-1', quantity: 3 }]
  const { result } = await clientOf(port).reserve({ orderId, items, country: 'DE', currency: 'EUR' })
  expect(result).toMatchObject({ case: 'shortage', value: { skus: ['MUG-1'] } })
  expect(seen).toEqual([{ orderId, items, country: 'DE' }])
  expect(answered()).toBe(1)
})

test.each<[string, () => Promise<string>]>([
  ['without a token', async () => ''],
  ['with a made-up token', async () => 'made.up.token'],
  ['with a token for another function', () => identity.serviceToken('orders', 'payment-gateway')],
  ['of a function that is not let in', () => identity.serviceToken('order-sweeper', 'reservations')],
  ["with a user's token", () => identity.userToken(randomUUID(), ['admin'])],
])('a call %s is refused before it does anything', async (_, token) => {
  const { port, lines } = await start()
  expect(await failureOf(clientOf(port, token).release({ orderId }))).toEqual({
    code: 'UNAUTHENTICATED',
    details: 'A service token for this function is required',
  })
  expect(lines).toEqual([])
})

test('a fault of ours is opaque to the caller, and logged with its cause', async () => {
  const { port, lines } = await start({
    methods: {
      release: async () => {
        throw new Error('relation "holds" does not exist')
      },
    },
  })
  expect(await failureOf(clientOf(port).release({ orderId }))).toEqual({ code: 'INTERNAL', details: 'Something went wrong on our side' })
  expect(lines).toMatchObject([{ level: 'error', method: 'Release', err: { message: 'relation "holds" does not exist' } }])
})

test("a caller's fault is told, and not logged", async () => {
  const { port, lines } = await start({
    methods: {
      release: async () => {
        throw invalidArgument('orderId: is no UUID')
      },
    },
  })
  expect(await failureOf(clientOf(port).release({}))).toEqual({ code: 'INVALID_ARGUMENT', details: 'orderId: is no UUID' })
  expect(lines).toEqual([])
})

test.each([
  ['its database is away', () => Object.assign(new Error('connect ECONNREFUSED 10.0.0.7'), { code: 'ECONNREFUSED' })],
  ['it says so itself', () => new RpcError(status.UNAVAILABLE, 'The database is not available')],
])('a server whose method is unavailable because %s is asked once: the call may have done something', async (_, failure) => {
  let calls = 0
  const { port, lines } = await start({
    methods: {
      release: async () => {
        calls++
        throw failure()
      },
    },
  })
  expect(await failureOf(clientOf(port).release({ orderId }))).toEqual({ code: 'UNAVAILABLE', details: 'The database is not available' })
  expect(calls).toBe(1)
  expect(lines).toMatchObject([{ level: 'error' }])
})

test('a call ends at its deadline, whatever the server does', async () => {
  const { port } = await start({ methods: { release: () => new Promise(() => {}) } })
  expect(await failureOf(clientOf(port).release({ orderId }, { timeoutMs: 50 }))).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
})

test('a server that never comes up fails the call at its deadline', async () => {
  const client = clientOf(await freePort())
  expect(await failureOf(client.release({ orderId }, { timeoutMs: 50 }))).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
})

test('a caller that cannot sign a token makes no call', async () => {
  const { port, answered } = await start()
  const client = clientOf(port, async () => {
    throw new Error('no key')
  })
  await expect(client.release({ orderId })).rejects.toThrow('no key')
  expect(answered()).toBe(0)
})

test('a message of more than one MiB is refused', async () => {
  const { port } = await start()
  const reason = 'x'.repeat(1024 * 1024)
  expect(await failureOf(clientOf(port).release({ orderId: reason }))).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
})

test('a probe needs no token, wakes no telemetry, and hears whether the database answers', async () => {
  let isThere = true
  const ready = async () => {
    if (!isThere) throw new Error('connect ECONNREFUSED')
  }
  const { port, answered } = await start({ ready })
  const probe = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  onTestFinished(() => probe.close())
  const { path, requestSerialize, responseDeserialize } = methodDefinition(Health, Health.method.check)
  const check = () =>
    new Promise((resolve, reject) => {
      probe.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, new Metadata(), (error, answer) =>
        error ? reject(error) : resolve(answer),
      )
    })
  expect(await check()).toMatchObject({ status: Serving.SERVING })
  isThere = false
  expect(await check()).toMatchObject({ status: Serving.NOT_SERVING })
  expect(answered()).toBe(0)
})
