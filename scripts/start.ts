import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Observers, startObservers } from './observers.ts'
import { aborted, untilTold } from './shop/lifetime.ts'
import { tableOf } from './shop/table.ts'
import { watchSources } from './shop/watch.ts'
import { type Shop, startShop } from './shop.ts'
import { services } from './topology.ts'

/** Prometheus and the exporters follow the functions and their metrics. */
const observersOffset = 190

const usage = 'npm start [-- --port 8080 --data .data --no-seed --observe]'

const say = (line: string) => console.log(line)

/** Runs the shop until it is told to end or a part of it ends by itself; the exit code says which. */
async function main(): Promise<number> {
  const told = untilTold()
  // Whoever read the output may go first: that is no reason to end without order.
  process.stdout.on('error', () => {})
  let shop: Shop | undefined
  let observers: Observers | undefined
  try {
    const { port, dataFolder, seed, watch, observe } = readArguments()
    const { SHOP_ADMIN_EMAIL: email, SHOP_ADMIN_PASSWORD: password } = process.env
    shop = await startShop({
      port,
      dataFolder,
      seed,
      databaseUrls: givenDatabases(),
      admin: { email, password },
      sweepEveryMs: 10_000,
      log: say,
      say,
      signal: told,
      ...(watch ? { onDeath: (message) => say(`${message}: it starts again when its code changes`) } : {}),
    })
    if (observe) observers = await startObservers(shop, { dataFolder, port: port && port + observersOffset, signal: told })
    announce(shop, observers, password === undefined)
    if (watch) watchSources(shop, say, told)
    const failure = await Promise.race([shop.ended, aborted(told)])
    if (failure !== undefined) throw new Error(failure)
    return 0
  } catch (error) {
    if (told.aborted) return 0
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    await observers?.stop()
    await shop?.stop()
  }
}

function announce(shop: Shop, observers: Observers | undefined, generated: boolean) {
  say(tableOf(shop, observers))
  for (const what of observers?.missing ?? []) say(what)
  // The shop sells all the same.
  void observers?.ended.then(say)
  if (shop.admin.isNew) say(`admin ${shop.admin.email}${generated ? ` with the password ${shop.admin.password} (not shown again)` : ''}`)
  say(`ready ${shop.url}`)
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8080' },
      data: { type: 'string', default: '.data' },
      'no-seed': { type: 'boolean', default: false },
      observe: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
    },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_000) throw new Error(`--port ${values.port} is no port. ${usage}`)
  return { port, dataFolder: resolve(values.data), seed: !values['no-seed'], watch: values.watch, observe: values.observe }
}

/** `DATABASE_URL_ORDERS` and its like name databases that exist elsewhere. */
function givenDatabases() {
  return Object.fromEntries(
    services.map((service) => [service, process.env[`DATABASE_URL_${service.toUpperCase()}`]]).filter(([, url]) => url),
  )
}

process.exit(await main())
