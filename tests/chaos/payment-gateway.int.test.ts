import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomInt, randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import Stripe from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { until } from '#shared/testing/until.ts'
import { bundle } from '../../scripts/build/bundle.ts'

const kills = Number(process.env['KILLS'] ?? 4)
const key = 'sk_test_of_a_gateway_that_dies'
const BUYERS = 6

test(`a gateway killed ${kills} times under load charges nobody twice, and tells of everything that happened`, {
  timeout: 900_000,
}, async () => {
  const { url, sql } = await freshDatabase('payments')
  const endpoint = await startEndpoint()
  const gateway = await startGateway(url)
  const stripe = new Stripe(key, { host: '127.0.0.1', port: gateway.port, protocol: 'http', maxNetworkRetries: 100, telemetry: false })
  await stripe.webhookEndpoints.create({ url: endpoint.url, enabled_events: ['*'] })

  const enough = new AbortController()
  const paid: string[] = []
  const buyers = Array.from({ length: BUYERS }, () => buy(stripe, paid, enough.signal))
  for (let killed = 0; killed < kills; killed++) {
    const before = paid.length
    // Each life of the gateway does something, and ends anywhere in it.
    await until('a payment is made', () => paid.length > before, 60_000)
    await wait(randomInt(0, 300))
    await gateway.kill()
    gateway.start()
  }
  enough.abort()
  await Promise.all(buyers)

  // The time passes that a killed process could have taken for a delivery.
  await sql`update deliveries set due_at = now() where status = 'pending'`
  await gateway.kill()
  gateway.start()
  await until('everything is delivered', async () => (await sql`select from deliveries where status <> 'delivered'`).length === 0, 60_000)

  expect(new Set(paid).size).toBe(paid.length)
  expect(await sql`select id from payment_intents where id <> all(${paid})`).toEqual([])
  expect(await sql`select payment_intent from charges group by payment_intent having count(*) > 1`).toEqual([])
  const [sums] = await sql`select count(*)::int as charges, sum(amount_refunded)::int as refunded from charges where amount_captured = 1999`
  expect(sums).toEqual({ charges: paid.length, refunded: paid.length * 500 })
  const events = await sql<{ id: string }[]>`select id from events`
  expect(events.length).toBeGreaterThan(paid.length * 6)
  expect(events.filter(({ id }) => !endpoint.arrived.has(id))).toEqual([])
  console.log(`${kills} kills, ${paid.length} payments, ${events.length} events, ${endpoint.count()} webhooks`)
})

/** Authorises, captures and refunds again and again; the SDK repeats what is not answered. */
async function buy(stripe: Stripe, paid: string[], enough: AbortSignal): Promise<void> {
  while (!enough.aborted) {
    const order = randomUUID()
    const step = (name: string) => ({ idempotencyKey: `${order}-${name}` })
    const asked = { amount: 1999, currency: 'eur', payment_method: 'pm_card_visa', capture_method: 'manual', metadata: { order } } as const
    const { id } = await stripe.paymentIntents.create(asked, step('create'))
    await stripe.paymentIntents.confirm(id, {}, step('confirm'))
    await stripe.paymentIntents.capture(id, {}, step('capture'))
    await stripe.refunds.create({ payment_intent: id, amount: 500 }, step('refund'))
    paid.push(id)
  }
}

/** An endpoint that keeps the ids of the events that arrive. */
async function startEndpoint() {
  const arrived = new Set<string>()
  let count = 0
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        count += 1
        arrived.add((JSON.parse(body) as { id: string }).id)
        response.end()
      },
      () => {
        // A sender that is killed breaks off.
      },
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, arrived, count: () => count }
}

/** A gateway as it is deployed: its bundle in a process of its own. */
async function startGateway(databaseUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'))
  await bundle(['payment-gateway'], folder)
  const port = randomInt(20_000, 32_000)
  const env = {
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    METRICS_PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    JWKS: JSON.stringify(testIdentity().jwks),
    PAYMENT_GATEWAY_KEY: key,
  }
  let child: ChildProcess
  const start = () => {
    child = spawn(process.execPath, [join(folder, 'payment-gateway', 'main.cjs')], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  }
  const kill = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    expect(await ended).toEqual([null, 'SIGKILL'])
  }
  start()
  onTestFinished(async () => {
    await kill()
    await rm(folder, { recursive: true })
  })
  return { port, start, kill }
}
