import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '#shared/log/log.ts'
import { freePort } from '#shared/testing/port.ts'
import { counter } from './metrics.ts'
import { startSdk } from './sdk.ts'
import { startTelemetry, type TelemetryOptions } from './telemetry.ts'

const requests = counter('test.requests')
requests.add(3)

afterEach(() => vi.useRealTimers())

/** Starts telemetry until the test ends; counts how often the SDK was loaded. */
async function setup(loadSdk: NonNullable<TelemetryOptions['loadSdk']> = async (name) => startSdk(name)) {
  const lines: Record<string, unknown>[] = []
  const log = createLog('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) })
  const port = await freePort()
  let loads = 0
  const telemetry = startTelemetry('catalog', {
    host: '127.0.0.1',
    port,
    log,
    loadSdk: (name) => {
      loads++
      return loadSdk(name)
    },
  })
  onTestFinished(telemetry.close)
  const scrape = (path = '/metrics') => fetch(`http://127.0.0.1:${port}${path}`)
  return { telemetry, scrape, lines, loads: () => loads }
}

test('when telemetry cannot be loaded each scrape fails, the log says why once, and the function goes on', async () => {
  const { scrape, lines, telemetry } = await setup(async () => {
    throw new Error('Cannot find module')
  })
  expect([(await scrape()).status, (await scrape()).status]).toEqual([500, 500])
  expect(lines).toMatchObject([{ level: 'error', msg: 'telemetry did not start', err: { message: 'Cannot find module' } }])
  telemetry.answered()
  requests.add(1)
})

test('when metrics cannot be read the scrape fails and the log says why', async () => {
  const { scrape, lines } = await setup(async (name) => ({
    ...startSdk(name),
    scrape: async () => {
      throw new Error('collecting took too long')
    },
  }))
  expect((await scrape()).status).toBe(500)
  expect(lines).toMatchObject([{ level: 'error', msg: 'metrics could not be read', err: { message: 'collecting took too long' } }])
})

test('nothing else is served beside the metrics', async () => {
  const { scrape, loads } = await setup()
  expect([(await scrape('/')).status, (await scrape('/metrics/x')).status, loads()]).toEqual([404, 404, 0])
})

test('the SDK is loaded once, in the first quiet second after an answer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { telemetry, loads } = await setup()
  vi.advanceTimersByTime(1_500)
  expect(loads()).toBe(0)
  telemetry.answered()
  vi.advanceTimersByTime(999)
  telemetry.answered()
  vi.advanceTimersByTime(999)
  expect(loads()).toBe(0)
  vi.advanceTimersByTime(1)
  expect(loads()).toBe(1)
  telemetry.answered()
  vi.advanceTimersByTime(60_000)
  expect(loads()).toBe(1)
})

test('a function that is never quiet, or never asked, loads it after five seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const [busy, idle] = [await setup(), await setup()]
  for (let at = 0; at < 4_999; at += 500) {
    busy.telemetry.answered()
    vi.advanceTimersByTime(at === 0 ? 499 : 500)
  }
  expect([busy.loads(), idle.loads()]).toEqual([0, 0])
  vi.advanceTimersByTime(1)
  expect([busy.loads(), idle.loads()]).toEqual([1, 1])
})

test('where traces are exported it is loaded at once', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect((await setup()).loads()).toBe(1)
})
