import { randomBytes } from 'node:crypto'
import type { Client, Order } from '../demo/client.ts'
import { beDeclined, browse, buy } from '../demo/shopping.ts'
import { mustBe, type Steps } from '../demo/steps.ts'
import { type Figures, paidOrders, untilCounted, untilZero } from './metrics.ts'

/** Walks through a running shop as a customer who has nothing but its address; throws at the first surprise. */
export async function visitShop(client: Client, steps: Steps, figures: Figures): Promise<void> {
  const mark = `-${randomBytes(6).toString('hex')}`
  let token = ''
  const checkCharge = async (orderId: string, amount: number) => {
    const { status, body } = await client.get<Order>(`/v1/orders/${orderId}`, { token })
    mustBe('the order', [status, body.payment.captured.amount], [200, amount])
  }
  const visit = { ...steps, client, mark, checkCharge }
  const before = await paidOrders(figures)
  const customer = await browse(visit)
  ;({ token } = customer)
  await buy(visit, customer)
  await beDeclined(visit, customer)
  if (before === undefined) steps.note('metrics: not looked at; name --prometheus or --metrics')
  else
    await steps.step('find the order in the metrics', async () => {
      const after = await untilCounted(figures, before)
      return `${before} paid orders became ${after}`
    })
  await wake(client, steps, figures)
}

/** A function that nobody has used answers, whether it is running or has to be started. */
async function wake(client: Client, { step, note }: Steps, { prometheus }: Figures) {
  if (prometheus === undefined) note('scale to zero: not waited for; name --prometheus to see the pods')
  await step(prometheus === undefined ? 'ask catalog once more' : 'wake catalog from zero', async () => {
    if (prometheus !== undefined) await untilZero(prometheus, 'catalog', note)
    const startedAt = performance.now()
    const { status } = await client.get('/v1/products?limit=1')
    mustBe('the status', status, 200)
    return `200 after ${Math.round(performance.now() - startedAt)} ms`
  })
}
