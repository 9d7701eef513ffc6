import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { serviceTokens } from '#shared/auth/service-token.ts'
import { userTokenSigner } from '#shared/auth/user-token.ts'
import { isBusy, somePorts } from '../scripts/ports.ts'
import { type Environment, environmentOf } from '../scripts/shop/environment.ts'
import { startShop } from '../scripts/shop.ts'
import type { FunctionName } from '../scripts/topology.ts'

/** A running, seeded shop in which a customer has paid an order, and which more processes of its functions can join. */
export type World = {
  /** The settings of one more process of a function, with the shop's as its neighbours. */
  readonly environment: (name: FunctionName) => Promise<Environment>
  readonly customer: { readonly email: string; readonly password: string; readonly token: () => Promise<string> }
  readonly order: { readonly id: string; readonly paymentIntentId: string }
  readonly product: string
  readonly sku: string
  readonly gatewayKey: string
  /** A token with which `caller` may call `audience`. */
  readonly serviceToken: (caller: 'orders' | 'order-sweeper', audience: FunctionName) => Promise<string>
  readonly close: () => Promise<void>
}

const SKU = 'MUG-0001'

export type WorldOptions = {
  readonly say: (line: string) => void
  /** Gets what its functions write. */
  readonly log?: (line: string) => void
  /** Builds the bundles first. */
  readonly build?: boolean
}

/** Starts the shop in a folder of its own, which is removed at the end. */
export async function openWorld({ say, log = () => {}, build = true }: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'))
  // PostgreSQL's account, which as root is another one, must get through.
  chmodSync(folder, 0o711)
  // Also when the run is cut short; PostgreSQL, which ends then too, may still be at it.
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
  process.once('exit', removeFolder)
  const shop = await startShop({ dataFolder: join(folder, 'data'), mode: 'throwaway', say, log, build })
  const close = async () => {
    await shop.stop()
    removeFolder()
  }
  try {
    const now = () => new Date()
    const { keys } = shop.secrets
    const email = `${randomUUID()}@shop.example`
    const password = randomUUID()
    const { account } = await post<{ account: { id: string } }>(`${shop.url}/v1/auth/register`, { email, password })
    const sign = userTokenSigner(keys.accounts, now)
    const token = () => sign({ id: account.id, roles: ['customer'], sessionId: randomUUID() })
    const { id, payment } = await post<{ id: string; payment: { intentId: string } }>(`${shop.url}/v1/orders`, basket, {
      authorization: `Bearer ${await token()}`,
      'idempotency-key': randomUUID(),
    })
    const ports = { of: portOf(shop.urls), metricsOf: portOf(shop.metricsUrls) }
    return {
      environment: async (name) => {
        const environment = await environmentOf(name, { ports, databases: { url: shop.databaseUrl }, secrets: shop.secrets })
        return { ...environment, PORT: '0', METRICS_PORT: String(await freePort()) }
      },
      customer: { email, password, token },
      order: { id, paymentIntentId: payment.intentId },
      product: 'plain-stoneware-mug',
      sku: SKU,
      gatewayKey: shop.secrets.paymentGatewayKey,
      serviceToken: (caller, audience) => serviceTokens(keys[caller], caller, now)(audience),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const basket = {
  items: [{ sku: SKU, quantity: 1 }],
  shippingAddress: { name: 'A. Customer', line1: 'Market Square 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  paymentMethod: 'pm_card_visa',
}

const portOf = (urls: Readonly<Record<FunctionName, string>>) => (name: FunctionName) => Number(new URL(urls[name]).port)

async function post<T>(url: string, body: object, headers: Record<string, string> = {}): Promise<T> {
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await answer.body.text()
  if (answer.statusCode !== 201) throw new Error(`POST ${url} was answered with ${answer.statusCode} ${text}`)
  return JSON.parse(text) as T
}

async function freePort(): Promise<number> {
  for (const port of somePorts(50)) if (!(await isBusy(port))) return port
  throw new Error('No port is free')
}
