import type Stripe from 'stripe'

/** Where events are sent. Field names are Stripe's; `created` in Unix seconds. `version` guards its row. */
export type WebhookEndpoint = {
  readonly id: string
  readonly created: number
  readonly version: number
  readonly url: string
  /** What deliveries are signed with; callers see it once. */
  readonly secret: string
  readonly status: 'enabled' | 'disabled'
  readonly enabled_events: readonly string[]
  readonly description: string | null
  readonly api_version: string | null
  readonly metadata: Readonly<Record<string, string>>
}

/** A webhook endpoint as Stripe's object; its secret is only shown to whom made it. */
export const endpointView = (endpoint: WebhookEndpoint, { withSecret = false } = {}): Stripe.WebhookEndpoint => ({
  id: endpoint.id,
  object: 'webhook_endpoint',
  api_version: endpoint.api_version,
  application: null,
  created: endpoint.created,
  description: endpoint.description,
  enabled_events: [...endpoint.enabled_events],
  livemode: false,
  metadata: endpoint.metadata,
  ...(withSecret && { secret: endpoint.secret }),
  status: endpoint.status,
  url: endpoint.url,
})
