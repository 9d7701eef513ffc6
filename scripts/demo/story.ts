import type { Shop } from '../shop.ts'
import { audit, chargesOf, type Databases } from './books.ts'
import { type Client, clientOf } from './client.ts'
import { recover } from './recovery.ts'
import { beDeclined, browse, buy, raceForLastUnit } from './shopping.ts'
import { mustBe, type Steps } from './steps.ts'

/** What a customer's steps have at hand, in any shop. */
export type Visit = Steps & {
  readonly client: Client
  /** Tells this visit's emails and keys from those of others in the same shop. */
  readonly mark: string
  /** Throws unless exactly this much, in minor units, was charged for an order, by one charge or, for nothing, none. */
  readonly checkCharge: (orderId: string, amount: number) => Promise<void>
}

/** What every step of the demo has at hand. */
export type Story = Visit & {
  readonly shop: Shop
  /** As owners, to look where no customer can. */
  readonly databases: Databases
  /** Aborted when the demo is told to end. */
  readonly told: AbortSignal
}

/** Walks the whole way of an order in a running shop; throws at the first surprise. */
export async function tell(shop: Shop, steps: Steps, databases: Databases, told: AbortSignal): Promise<void> {
  const checkCharge = async (orderId: string, amount: number) =>
    mustBe('the money', await chargesOf(databases, orderId), { charges: amount === 0 ? 0 : 1, captured: amount })
  const story: Story = { ...steps, shop, databases, told, client: clientOf(shop.url), mark: '', checkCharge }
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
