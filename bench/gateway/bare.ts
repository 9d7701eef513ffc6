import { randomUUID } from 'node:crypto'
import { fillPlaceholders, type SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import postgres from 'postgres'
import { createLog } from '#shared/log/log.ts'
import { openPg, type Pg } from '#shared/pg/pg.ts'
import { paymentGatewayApp } from '../../functions/payment-gateway/app.ts'
import { paymentStore } from '../../functions/payment-gateway/store.ts'

type Parameters = postgres.ParameterOrJSON<never>[]
type Sent = { readonly text: string; readonly parameters: Parameters }

/** The pool of a function. */
const CONNECTIONS = 4
/** More payments than a measurement can make; what they are made of is not to be measured. */
const ENOUGH = 6_000

/** Sends the statements of a payment, created and confirmed by a real gateway once, again and again for other ids. */
export async function openBareGateway(databaseUrl: string) {
  const sent = await record(databaseUrl)
  const texts = sent.map(({ text }) => text)
  // What names the payment, its charge, its events and its keys must be another each time.
  const ids = [
    ...new Set(JSON.stringify(sent).match(/(?:(?:pi|ch|evt|req)_[0-9a-z]+(?:_secret_[0-9a-z]+)?|bench-(?:create|confirm))/g) ?? []),
  ]
  const pattern = new RegExp(ids.toSorted((one, other) => other.length - one.length).join('|'), 'g')
  const renamed = () => {
    const suffix = randomUUID().replaceAll('-', '').slice(0, 20)
    const rename = (text: string) => text.replaceAll(pattern, (id) => `${id.slice(0, -20)}${suffix}${ids.indexOf(id)}`)
    return sent.map(({ parameters }) => parameters.map((value) => (typeof value === 'string' ? rename(value) : value)))
  }
  const prepared: Parameters[][] = []
  const client = postgres(databaseUrl, { max: CONNECTIONS, fetch_types: false, onnotice: () => {} })
  // JSON is sent as the text that was recorded.
  for (const oid of ['114', '3802']) client.options.serializers[oid as never] = ((value: unknown) => value) as never
  return {
    /** Makes up the payments of the next measurement. */
    prepare: () => {
      while (prepared.length < ENOUGH) prepared.push(renamed())
    },
    pay: async () => {
      const payment = prepared.pop() ?? renamed()
      for (const [index, text] of texts.entries()) await client.unsafe(text, payment[index] as Parameters, { prepare: true })
    },
    close: () => client.end({ timeout: 5 }),
  }
}

/** What a gateway sends to its database for one payment. */
async function record(databaseUrl: string): Promise<Sent[]> {
  const pg = openPg(databaseUrl, { name: 'bench' })
  const sent: Sent[] = []
  const dialect = new PgDialect()
  const recording: Pg = {
    ...pg,
    statement: <Row>(name: string, template: SQL) => {
      const { sql: text, params } = dialect.sqlToQuery(template)
      const run = pg.statement<Row>(name, template)
      return (values = {}) => {
        sent.push({ text, parameters: fillPlaceholders(params, { ...values }) as Parameters })
        return run(values)
      }
    },
  }
  const key = 'sk_test_benchmark'
  const app = paymentGatewayApp({
    store: paymentStore(recording),
    log: createLog('bench', 'silent'),
    key,
    control: false,
    now: () => new Date(),
    deliverer: { kick: () => {}, deliver: async () => 0 },
  })
  const post = async (path: string, body: string, idempotencyKey: string) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-www-form-urlencoded',
      'idempotency-key': idempotencyKey,
    }
    const answer = await app.request(path, { method: 'POST', body, headers })
    if (answer.status !== 200) throw new Error(`The gateway answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as { id: string }
  }
  const { id } = await post(
    '/v1/payment_intents',
    'amount=1999&currency=eur&payment_method=pm_card_visa&metadata[order_id]=o1',
    'bench-create',
  )
  await post(`/v1/payment_intents/${id}/confirm`, '', 'bench-confirm')
  await pg.close()
  return sent
}
