import type { Shop } from '../shop.ts'
import { audit, type Databases } from './books.ts'
import { type Client, clientOf } from './client.ts'
import { recover } from './recovery.ts'
import { beDeclined, browse, buy, raceForLastUnit } from './shopping.ts'
import { mustBe, type Steps } from './steps.ts'

/** What every step of the demo has at hand. */
export type Story = Steps & {
  readonly shop: Shop
  readonly client: Client
  /** As owners, to look where no customer can. */
  readonly databases: Databases
  /** Aborted when the demo is told to end. */
  readonly told: AbortSignal
}

/** Walks the whole way of an order in a running shop; throws at the first surprise. */
export async function tell(shop: Shop, steps: Steps, databases: Databases, told: AbortSignal): Promise<void> {
  const story: Story = { ...steps, shop, databases, told, client: clientOf(shop.url) }
  const customer = await browse(story)
  await buy(story, customer)
  await beDeclined(story, customer)
  await raceForLastUnit(story, customer.token)
  await recover(story, customer)
  await steps.step('add up stock, orders and money', async () => {
    const { moneyByOrders, moneyByGateway, ...rest } = await audit(databases)
    mustBe('the books', rest, { paidOrders: 3, openOrders: 0, openPayments: 0, reserved: 0, stockDrift: [] })
    mustBe('the money the gateway has', moneyByGateway, moneyByOrders)
    return `3 orders paid, ${((moneyByOrders ?? 0) / 100).toFixed(2)} EUR captured, nothing open, nothing reserved: the books balance`
  })
}
