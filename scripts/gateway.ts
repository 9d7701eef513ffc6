import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { serviceTokens } from '#shared/auth/service-token.ts'
import { httpClient } from '#shared/http/http-client.ts'
import { aborted, untilTold } from './shop/lifetime.ts'
import { type Shop, startShop } from './shop.ts'
import { topology } from './topology.ts'

const usage = 'npm run gateway [-- --port 12111 --data .data/gateway]'
/** Banks settle refunds and authorisations run out while nobody pays: the gateway is told to look that often. */
const LOOK_EVERY_MS = 2_000

const say = (line: string) => console.log(line)

/** Runs the payment gateway alone, with a database of its own, until it is told to end. */
async function main(): Promise<number> {
  const told = untilTold()
  process.stdout.on('error', () => {})
  let gateway: Shop | undefined
  try {
    const { port, dataFolder } = readArguments()
    const url = `http://127.0.0.1:${port}`
    gateway = await startShop({
      dataFolder,
      // The gateway stands at a fixed distance from the shop's port.
      port: port - topology['payment-gateway'].offset,
      functions: ['payment-gateway'],
      seed: false,
      env: { 'payment-gateway': { PUBLIC_URL: url } },
      log: say,
      say,
      signal: told,
    })
    void lookEvery(LOOK_EVERY_MS, gateway, told)
    say(announcement(port, gateway.secrets.paymentGatewayKey))
    say(`ready ${url}`)
    const failure = await Promise.race([gateway.ended, aborted(told)])
    if (failure !== undefined) throw new Error(failure)
    return 0
  } catch (error) {
    if (told.aborted) return 0
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    await gateway?.stop()
  }
}

function readArguments() {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '12111' }, data: { type: 'string', default: '.data/gateway' } },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1_024 || port > 65_000) throw new Error(`--port ${values.port} is no port. ${usage}`)
  return { port, dataFolder: resolve(values.data) }
}

const announcement = (port: number, key: string) => `
  key   ${key}
  host  127.0.0.1
  port  ${port}

  new Stripe('${key}', { host: '127.0.0.1', port: ${port}, protocol: 'http' })
`

/** Does what the sweeper does in a shop. */
async function lookEvery(intervalMs: number, { urls, secrets }: Shop, told: AbortSignal): Promise<void> {
  const token = serviceTokens(secrets.keys['order-sweeper'], 'order-sweeper', () => new Date())
  const client = httpClient('payment-gateway', urls['payment-gateway'], () => token('payment-gateway'))
  while (await delay(intervalMs, true, { signal: told }).catch(() => false)) {
    // The gateway itself says what is wrong with it.
    await client.post('/internal/deliver').catch(() => {})
  }
}

process.exit(await main())
