import { afterAll, beforeAll, expect, test } from 'vitest'
import { attachMeter, counter, gauge, histogram, upDownCounter } from './metrics.ts'
import { type Sdk, startSdk } from './sdk.ts'

// Of what is measured here a part comes before the SDK is started, and a part after.
const orders = counter('test.orders', { description: 'Orders', unit: '{order}', zero: [{ outcome: 'paid' }, { outcome: 'rejected' }] })
counter('test.events')
const bytes = counter('test.io', { unit: 'By' })
const active = upDownCounter('test.active', { unit: '{request}' })
const duration = histogram('test.duration', { unit: 's', buckets: [0.1, 1] })
const already = histogram('test.wait_seconds', { unit: 's' })
let heap = 10
gauge('test.heap', { unit: 'By' }, () => [[heap, { space: 'old' }]])

orders.add(1, { outcome: 'paid' })
active.add(1)
active.add(1)
duration.record(0.05, { route: '/a' })
duration.record(5, { route: '/a' })

let sdk: Sdk
beforeAll(() => {
  sdk = startSdk('catalog')
  attachMeter(sdk.meter)
})
afterAll(() => sdk.shutdown())

/** The value of each series, by its name and labels; the label that names the instrumentation is left out. */
async function series() {
  const { text, errors } = await sdk.scrape()
  expect(errors).toEqual([])
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) =>
      line
        .replace(/,?otel_scope_name="shop",?|\{\}/g, '')
        .replace('{}', '')
        .split(/ (?=[^ ]+$)/),
    ),
  )
}

test('what was measured before the SDK was started counts', async () => {
  expect(await series()).toMatchObject({
    'test_orders_total{outcome="paid"}': '1',
    test_active: '2',
    'test_duration_seconds_count{route="/a"}': '2',
    'test_duration_seconds_sum{route="/a"}': '5.05',
    'test_duration_seconds_bucket{route="/a"le="0.1"}': '1',
    'test_duration_seconds_bucket{route="/a"le="1"}': '1',
    'test_duration_seconds_bucket{route="/a"le="+Inf"}': '2',
  })
})

test('a counter is there at zero before anything has happened', async () => {
  const late = counter('test.late', { zero: [{ outcome: 'lost' }] })
  expect(await series()).toMatchObject({
    'test_orders_total{outcome="rejected"}': '0',
    test_events_total: '0',
    'test_late_total{outcome="lost"}': '0',
  })
  late.add(1, { outcome: 'lost' })
  expect(await series()).toMatchObject({ 'test_late_total{outcome="lost"}': '1' })
})

test('what is measured afterwards adds to it', async () => {
  orders.add(2, { outcome: 'paid' })
  orders.add(1, { outcome: 'rejected' })
  active.add(-1)
  duration.record(0.5, { route: '/a' })
  expect(await series()).toMatchObject({
    'test_orders_total{outcome="paid"}': '3',
    'test_orders_total{outcome="rejected"}': '1',
    test_active: '1',
    'test_duration_seconds_count{route="/a"}': '3',
    'test_duration_seconds_bucket{route="/a"le="1"}': '2',
  })
})

test('a gauge is read at each scrape', async () => {
  expect(await series()).toMatchObject({ 'test_heap_bytes{space="old"}': '10' })
  heap = 20
  expect(await series()).toMatchObject({ 'test_heap_bytes{space="old"}': '20' })
})

test('names end in their unit, once, and those of counters in _total', async () => {
  bytes.add(1)
  already.record(1)
  const names = Object.keys(await series()).map((name) => name.replace(/\{.*/, ''))
  expect(names).toEqual(expect.arrayContaining(['test_io_bytes_total', 'test_wait_seconds_count', 'test_events_total', 'test_active']))
  const { text } = await sdk.scrape()
  expect(text).toContain('# HELP test_orders_total Orders\n# TYPE test_orders_total counter\n')
  expect(text).toContain('# UNIT test_io_bytes_total bytes\n# TYPE test_io_bytes_total counter\n')
  expect(text).toMatch(/^target_info\{service_name="catalog"/m)
})

test('what cannot be read is told, and spoils nothing else', async () => {
  gauge('test.broken', {}, () => {
    throw new Error('no value')
  })
  const { text, errors } = await sdk.scrape()
  expect(errors.map(String)).toEqual(['Error: no value'])
  expect(text).toContain('test_orders_total')
})
