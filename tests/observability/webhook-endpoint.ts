import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningShop } from '../e2e/running-shop.ts'

/** The route by which an endpoint is made known to the gateway: the only one of it that this test asks itself. */
export const WEBHOOK_ENDPOINTS = '/v1/webhook_endpoints'

/** Has the payment gateway tell everything that happens to somebody who listens and is content with it; gives what ends that. */
export async function listenToGateway({ urls, secrets }: RunningShop): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    request.resume()
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const response = await fetch(`${urls['payment-gateway']}${WEBHOOK_ENDPOINTS}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secrets.paymentGatewayKey}` },
    body: new URLSearchParams([
      ['url', url],
      ['enabled_events[]', '*'],
    ]),
  })
  if (!response.ok) throw new Error(`The payment gateway takes no endpoint: ${await response.text()}`)
  return async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
