import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { request } from 'undici'
import { startShop } from './shop.ts'
import { type FunctionName, type Service, services } from './topology.ts'

// Measures what one order costs, in a shop of its own: what docs/scale.md counts with.

const { values } = parseArgs({ options: { orders: { type: 'string', default: '400' }, buyers: { type: 'string', default: '8' } } })
const orders = Number(values.orders)
const buyers = Number(values.buyers)

/** The kernel counts a process's time in hundredths of a second. */
const TICK_MS = 10
const involved: readonly FunctionName[] = ['edge', 'orders', 'reservations', 'payment-gateway']

const address = { name: 'A. Customer', line1: 'Market Square 1', city: 'Berlin', postalCode: '10115', country: 'DE' }

const folder = await mkdtemp(join(tmpdir(), 'shop-capacity-'))
await chmod(folder, 0o711)
const shop = await startShop({ dataFolder: join(folder, 'data'), mode: 'durable', say: console.log })
const open = Object.fromEntries(
  services.map((name) => [name, postgres(shop.databaseUrl(name, 'owner'), { max: 1, onnotice: () => {} })]),
) as Record<Service, postgres.Sql>
try {
  const { body } = await request(`${shop.url}/v1/auth/register`, jsonPost({ email: 'buyer@shop.example', password: randomUUID() }))
  const { accessToken } = (await body.json()) as { accessToken: string }
  // Many, as customers spread over products; one SKU alone would measure waiting for its row.
  const found = await open.inventory<{ sku: string }[]>`select sku from stock where on_hand - reserved > 5 order by sku limit 500`
  const skus = found.map(({ sku }) => sku)
  await place(40, skus, accessToken)
  const before = await look()
  const startedAt = performance.now()
  await place(orders, skus, accessToken)
  const seconds = (performance.now() - startedAt) / 1_000
  // Statistics reach their view within a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const after = await look()
  console.log(`\n${cpus().length} processors, ${cpus()[0]?.model}; ${orders} orders by ${buyers} buyers at once, data on disk`)
  console.log(`orders per second   ${(orders / seconds).toFixed(0)}`)
  for (const name of [...involved, 'postgres'] as const) {
    console.log(`CPU per order       ${name.padEnd(16)} ${((after.cpuMs[name] - before.cpuMs[name]) / orders).toFixed(2)} ms`)
  }
  for (const name of services) {
    const commits = (after.commits[name] - before.commits[name]) / orders
    const bytes = (after.bytes[name] - before.bytes[name]) / orders
    console.log(`per order           ${name.padEnd(16)} ${commits.toFixed(1)} transactions, ${(bytes / 1024).toFixed(1)} KB on disk`)
  }
} finally {
  await Promise.all(services.map((name) => open[name].end({ timeout: 1 })))
  await shop.stop()
  await rm(folder, { recursive: true, force: true })
}

async function place(count: number, skus: readonly string[], token: string) {
  let left = count
  const buy = async () => {
    while (left-- > 0) {
      const basket = { items: [{ sku: skus[left % skus.length], quantity: 1 }], paymentMethod: 'pm_card_visa', shippingAddress: address }
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() }
      const { statusCode, body } = await request(`${shop.url}/v1/orders`, jsonPost(basket, headers))
      const text = await body.text()
      if (statusCode !== 201) throw new Error(`An order was answered with ${statusCode} ${text}`)
    }
  }
  await Promise.all(Array.from({ length: buyers }, buy))
}

async function look() {
  const cpu = await Promise.all(involved.map(async (name) => [name, await cpuOf(shop.pid(name))] as const))
  const figures = await Promise.all(
    services.map(async (name) => {
      const [row] = await open[name]<{ commits: number; bytes: number }[]>`
        select xact_commit::float8 as commits, pg_database_size(current_database())::float8 as bytes
        from pg_stat_database where datname = current_database()`
      return [name, row ?? { commits: 0, bytes: 0 }] as const
    }),
  )
  const [server] = await open.orders<{ pids: number[] }[]>`select array_agg(pid) as pids from pg_stat_activity`
  const postgresMs = await Promise.all((server?.pids ?? []).map((pid) => cpuOf(pid).catch(() => 0)))
  return {
    cpuMs: { ...Object.fromEntries(cpu), postgres: postgresMs.reduce((sum, ms) => sum + ms, 0) } as Record<
      FunctionName | 'postgres',
      number
    >,
    commits: Object.fromEntries(figures.map(([name, { commits }]) => [name, commits])) as Record<Service, number>,
    bytes: Object.fromEntries(figures.map(([name, { bytes }]) => [name, bytes])) as Record<Service, number>,
  }
}

async function cpuOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

function jsonPost(body: object, headers: Record<string, string> = {}) {
  return { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) } as const
}
