import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startShop } from '../../scripts/shop.ts'
import type { Shop, ShopOptions } from '../../scripts/shop/options.ts'
import { type Service, services } from '../../scripts/topology.ts'

export type Asking = { readonly token?: string; readonly headers?: Record<string, string>; readonly body?: unknown }
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: never }

export type RunningShop = Shop & {
  /** Each database as its owner, to arrange and to look. */
  readonly sql: Readonly<Record<Service, postgres.Sql>>
  /** Asks the public host; a body that is text or a stream is sent as it is, any other as JSON. */
  readonly ask: (method: string, path: string, asking?: Asking) => Promise<Answer>
  /** A token of a customer who has just registered. */
  readonly newCustomer: () => Promise<string>
}

/** Starts a whole shop on free ports that forgets everything when it stops. */
export async function startTestShop(options: Partial<ShopOptions> = {}): Promise<RunningShop> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'shop-e2e-'))
  // As root PostgreSQL runs as another user, who must get in.
  await chmod(dataFolder, 0o711)
  const clear = () => rm(dataFolder, { recursive: true, force: true })
  const shop = await startShop({ dataFolder, mode: 'throwaway', ...options }).catch(async (error: unknown) => {
    await clear()
    throw error
  })
  const sql = Object.fromEntries(
    services.map((service) => [service, postgres(shop.databaseUrl(service, 'owner'), { max: 4, onnotice: () => {} })]),
  ) as Record<Service, postgres.Sql>
  const ask: RunningShop['ask'] = (method, path, asking) => send(`${shop.url}${path}`, method, asking)
  let customers = 0
  return {
    ...shop,
    sql,
    ask,
    newCustomer: async () => {
      customers += 1
      const body = { email: `customer-${customers}@shop.example`, password: 'correct horse battery' }
      const answer = await ask('POST', '/v1/auth/register', { body })
      return (answer.body as { accessToken: string }).accessToken
    },
    stop: async () => {
      await Promise.all(services.map((service) => sql[service].end({ timeout: 1 })))
      await shop.stop()
      await clear()
    },
  }
}

/** One request by HTTP; the body of the answer is parsed when it is JSON. */
export async function send(url: string, method: string, { token, headers = {}, body }: Asking = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: isRaw(body) ? (body ?? null) : JSON.stringify(body),
    duplex: 'half',
  })
  const text = await response.text()
  const isJson = text !== '' && /\bjson\b/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as never }
}

const isRaw = (body: unknown): body is undefined | string | ReadableStream =>
  body === undefined || typeof body === 'string' || body instanceof ReadableStream

/** The body of an order for one SKU. */
export const orderOf = (sku: string, { quantity = 1, paymentMethod = 'pm_card_visa' } = {}) => ({
  items: [{ sku, quantity }],
  shippingAddress: { name: 'A. Customer', line1: 'Market Square 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  paymentMethod,
})

/** A fresh `Idempotency-Key` header. */
export const newKey = () => ({ 'idempotency-key': crypto.randomUUID() })
