import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import Stripe from 'stripe'
import { onTestFinished } from 'vitest'

/** A webhook as it arrived. */
export type Arrived = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly event: Stripe.Event }

/** An endpoint on a real socket that keeps what arrives; `answer` says with which status it answers, by default 200. */
export async function startEndpoint(answer: (arrived: Arrived, index: number) => number = () => 200) {
  const arrived: Arrived[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const one = { headers: request.headers, body, event: JSON.parse(body) as Stripe.Event }
      arrived.push(one)
      response.writeHead(answer(one, arrived.length - 1)).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, arrived }
}

/** The types of the webhooks that arrived, in order of the alphabet. */
export const typesOf = (arrived: readonly Arrived[]): string[] => arrived.map(({ event }) => event.type).toSorted()
