import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { request } from 'undici'
import type { FunctionName } from '../../scripts/topology.ts'
import { type RunningShop, startTestShop } from './running-shop.ts'

let shop: RunningShop

beforeAll(async () => {
  shop = await startTestShop()
})
afterAll(() => shop?.stop())

const smoke = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../scripts/smoke.ts'), ...args]).catch(
    (error: unknown) => error as { stdout: string; stderr: string; code: number },
  )

test('the smoke test passes by the edge, again and again, and finds its orders in the metrics', async () => {
  for (const paid of [1, 2]) {
    const { stdout, stderr } = await smoke('--url', shop.url, '--metrics', `${shop.metricsUrls.orders}/metrics`)
    expect(stderr).toBe('')
    expect(stdout).toContain(`${paid - 1} paid orders became ${paid}`)
    expect(stdout).toMatch(/smoke: 11 steps, all as expected\n$/)
  }
})

test('the smoke test passes by the hosts of the functions, as an ingress knows them', async () => {
  const hosts: string[] = []
  const ingress = createServer((incoming, outgoing) => {
    const name = String(incoming.headers.host).replace(/\.shop\.example$/, '')
    hosts.push(name)
    const { method = 'GET', url = '/', headers } = incoming
    request(`${shop.urls[name as FunctionName]}${url}`, { method: method as 'GET', headers: { ...headers, host: name }, body: incoming })
      .then(({ statusCode, headers: answered, body }) => body.pipe(outgoing.writeHead(statusCode, answered)))
      .catch(() => outgoing.writeHead(502).end())
  })
  await new Promise<void>((resolve) => ingress.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void ingress.close())
  const { port } = ingress.address() as { port: number }
  const { stdout, stderr } = await smoke('--url', `http://127.0.0.1:${port}`, '--host-suffix', 'shop.example')
  expect(stderr).toBe('')
  expect(stdout).toMatch(/all as expected\n$/)
  expect([...new Set(hosts)].toSorted()).toEqual(['accounts', 'catalog', 'order-history', 'orders', 'pricing', 'stock'])
})

test('where no shop answers, the smoke test says so and fails', async () => {
  const answer = await smoke('--url', `${shop.metricsUrls.edge}/`)
  expect(answer).toMatchObject({ code: 1, stderr: expect.stringContaining('smoke: not as expected: step 1, "register"') as string })
})
