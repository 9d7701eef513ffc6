import { randomUUID } from 'node:crypto'
import { Pool } from 'undici'

/** Pays by the requests that the SDK makes: create, then confirm. */
export function openRealGateway(url: string, key: string) {
  const pool = new Pool(url, { connections: 16 })
  async function post(path: string, body: string): Promise<{ id: string; status: string }> {
    const answer = await pool.request({
      method: 'POST',
      path,
      body,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': `stripe-node-retry-${randomUUID()}`,
      },
    })
    const intent = (await answer.body.json()) as { id: string; status: string }
    if (answer.statusCode !== 200) throw new Error(`The gateway answered ${answer.statusCode}: ${JSON.stringify(intent)}`)
    return intent
  }
  return {
    pay: async () => {
      const { id } = await post('/v1/payment_intents', 'amount=1999&currency=eur&payment_method=pm_card_visa&metadata[order_id]=o1')
      const { status } = await post(`/v1/payment_intents/${id}/confirm`, '')
      if (status !== 'succeeded') throw new Error(`The payment ended as ${status}`)
    },
    close: () => pool.close(),
  }
}
