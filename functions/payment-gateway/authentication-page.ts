import type { OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from '#shared/http/app-env.ts'
import { finishAuthentication } from './control.ts'
import type { Gateway, GatewayContext } from './exchange.ts'
import type { Intent } from './payment-intent.ts'
import { target } from './payment-intent-outcome.ts'
import { paymentBy, readFrom } from './source.ts'

const PATH = '/mock/3ds/:id'

/** Adds the page on which a person authenticates as the owner of a card, or does not. */
export function addAuthenticationPage(app: OpenAPIHono<AppEnv>, gateway: Gateway): void {
  const find = async (id: string) => (await readFrom(paymentBy(gateway.store, target(id)))).intent

  app.get(PATH, async (c) => {
    const intent = await find(c.req.param('id'))
    return page(c, intent.status === 'requires_action' ? question(intent) : statement(intent))
  })

  app.post(PATH, async (c) => {
    const intent = await find(c.req.param('id'))
    // Whoever clicks twice, or comes back, is told how it ended.
    if (intent.status !== 'requires_action') return page(c, statement(intent))
    const result = new URLSearchParams(await c.req.text()).get('result') ?? ''
    const answer = await finishAuthentication(c, gateway, intent.id, result)
    if (!answer.ok) return answer
    const url = returnUrlOf(intent, result)
    return url === undefined ? page(c, statement(await find(intent.id))) : c.redirect(url, 303)
  })
}

/** Where the customer came from, told what Stripe tells there. */
function returnUrlOf({ id, client_secret, next_action }: Intent, result: string): string | undefined {
  if (next_action?.type !== 'redirect_to_url') return undefined
  const url = new URL(next_action.redirect_to_url.return_url)
  url.searchParams.set('payment_intent', id)
  url.searchParams.set('payment_intent_client_secret', client_secret)
  url.searchParams.set('redirect_status', result)
  return url.href
}

function page(c: GatewayContext, content: string): Response {
  c.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'")
  return c.html(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Test bank</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 15vh auto; padding: 0 1rem }
button { font: inherit; padding: .5rem 1rem; margin-right: .5rem }
</style>
<h1>Test bank</h1>
${content}
</html>`)
}

const question = (intent: Intent) => `<p>A shop asks for <strong>${amountOf(intent)}</strong>. Is it you who pays? No money moves.</p>
<form method="post">
<button name="result" value="succeeded">Yes, pay</button>
<button name="result" value="failed">No, refuse</button>
</form>`

const endings: Partial<Record<Intent['status'], string>> = {
  succeeded: 'The payment was made.',
  requires_capture: 'The payment was authorised.',
  canceled: 'The payment was cancelled.',
}

const statement = ({ status }: Intent) => `<p>${endings[status] ?? 'The payment was not made.'} You can close this page.</p>`

function amountOf({ amount, currency }: Intent): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}
