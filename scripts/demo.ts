import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { countSteps } from './demo/steps.ts'
import { tell } from './demo/story.ts'
import { aborted, untilTold } from './shop/lifetime.ts'
import { type Shop, startShop } from './shop.ts'

const KEPT_LINES = 20

const say = (line: string) => console.log(line)

/** Starts a shop of its own, walks through it and leaves nothing behind; the exit code says whether all was as expected. */
async function main(): Promise<number> {
  const told = untilTold()
  process.stdout.on('error', () => {})
  const dataFolder = await mkdtemp(join(tmpdir(), 'shop-demo-'))
  // As root PostgreSQL runs as another user, who must get in.
  await chmod(dataFolder, 0o711)
  const troubles: string[] = []
  const log = (line: string) => {
    if (!line.includes('"level":"info"')) troubles.push(line)
  }
  const steps = countSteps(say)
  try {
    await run(dataFolder, steps, log, told)
    say(`demo: ${steps.count()} steps, all as expected`)
    return 0
  } catch (error) {
    if (told.aborted) {
      say('demo: stopped')
      return 130
    }
    if (troubles.length > 0) console.error(`What the functions complained of:\n${troubles.slice(-KEPT_LINES).join('\n')}`)
    console.error(`demo: not as expected: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await rm(dataFolder, { recursive: true, force: true })
  }
}

async function run(dataFolder: string, steps: ReturnType<typeof countSteps>, log: (line: string) => void, told: AbortSignal) {
  let shop: Shop | undefined
  const open: postgres.Sql[] = []
  try {
    await steps.step('start a shop on a fresh data folder', async () => {
      shop = await startShop({ dataFolder, mode: 'throwaway', log, say: steps.note, signal: told })
      return `ready ${shop.url}, ${shop.names.length} functions`
    })
    if (!shop) return
    const { databaseUrl, ended } = shop
    const connect = (service: 'inventory' | 'orders' | 'payments') => {
      const sql = postgres(databaseUrl(service, 'owner'), { max: 4, onnotice: () => {} })
      open.push(sql)
      return sql
    }
    const databases = { inventory: connect('inventory'), orders: connect('orders'), payments: connect('payments') }
    const end = await Promise.race([tell(shop, steps, databases, told), ended, aborted(told)])
    if (end !== undefined) throw new Error(end)
    told.throwIfAborted()
  } finally {
    await Promise.all(open.map((sql) => sql.end({ timeout: 1 })))
    await shop?.stop()
  }
}

process.exit(await main())
