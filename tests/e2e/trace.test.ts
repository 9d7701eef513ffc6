import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '#shared/testing/until.ts'
import { functionNames } from '../../scripts/topology.ts'
import { newKey, orderOf, type RunningShop, startTestShop } from './running-shop.ts'

type Attribute = { key: string; value: { stringValue?: string; intValue?: number } }
type ExportedSpan = { traceId: string; spanId: string; parentSpanId?: string; name: string; kind: number; attributes: Attribute[] }
type Export = { resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: ExportedSpan[] }[] }[] }
type Seen = ExportedSpan & { service: string }

const spans: Seen[] = []
/** An OTLP receiver (OTLP/HTTP in JSON) that keeps every span. */
const receiver = createServer((request, response) => {
  void (json(request) as Promise<Export>).then(({ resourceSpans }) => {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
      for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, service })))
    }
    response.setHeader('content-type', 'application/json').end('{}')
  })
})

let shop: RunningShop
const logged: string[] = []

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  }
  const env = Object.fromEntries(functionNames.map((name) => [name, settings]))
  shop = await startTestShop({ env, log: (line) => logged.push(line) })
})
afterAll(async () => {
  await shop?.stop()
  receiver.closeAllConnections()
  receiver.close()
})

test('one order is one connected trace, from the edge to every neighbour and their databases', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const token = await shop.newCustomer()
  const headers = { ...newKey(), traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
  const answer = await shop.ask('POST', '/v1/orders', { token, headers, body: orderOf('MUG-0001') })
  expect(answer.status).toBe(201)

  const ofTrace = () => spans.filter((span) => span.traceId === traceId)
  await until('the span of the edge has arrived, which ends last', () =>
    ofTrace().some(({ service, kind }) => service === 'edge' && kind === 2),
  )
  const wanted = ['edge', 'orders', 'reservations', 'payment-gateway']
  await until('every function has sent its spans', () =>
    wanted.every((name) => ofTrace().some(({ service, kind }) => service === name && kind === 2)),
  )

  const known = new Map(ofTrace().map((span) => [span.spanId, span]))
  const orphans = ofTrace().filter(({ parentSpanId = '' }) => parentSpanId !== '00f067aa0ba902b7' && !known.has(parentSpanId))
  expect(orphans.map(({ service, name }) => `${service}: ${name}`)).toEqual([])
  const callers = (service: string) => {
    const servers = ofTrace().filter((span) => span.service === service && span.kind === 2)
    return [...new Set(servers.map(({ parentSpanId = '' }) => known.get(parentSpanId)?.service ?? 'the client'))]
  }
  expect(Object.fromEntries(wanted.map((name) => [name, callers(name)]))).toEqual({
    edge: ['the client'],
    orders: ['edge'],
    reservations: ['orders'],
    'payment-gateway': ['orders'],
  })
  const queries = ofTrace().filter(({ attributes }) => attributes.some(({ key }) => key === 'db.query.summary'))
  expect([...new Set(queries.map(({ service }) => service))].sort()).toEqual(['orders', 'payment-gateway', 'reservations'])
  expect(ofTrace().map(({ name }) => name)).toEqual(
    expect.arrayContaining(['POST /v1/orders', 'shop.stock.v1.ReservationService/Reserve', 'orders.place']),
  )
})

test('the log lines of a request carry its trace, and nothing of what it was given', async () => {
  const traceId = 'aaaabbbbccccddddeeeeffff00001111'
  const lock = await shop.sql.payments.reserve()
  try {
    await lock`begin`
    await lock`lock table payment_intents in access exclusive mode`
    const token = await shop.newCustomer()
    const headers = { ...newKey(), prefer: 'wait=1', traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    const answer = await shop.ask('POST', '/v1/orders', { token, headers, body: orderOf('MUG-0001') })
    expect(answer.status).toBe(202)
  } finally {
    await lock`rollback`
    lock.release()
  }
  const lines = logged.filter((line) => line.includes(traceId))
  expect(lines.some((line) => line.startsWith('orders') && line.includes('still open'))).toBe(true)
  expect(lines.join('\n')).not.toMatch(/Market Square|pm_card_visa|Bearer/)
})
