import { counter } from '#shared/telemetry/metrics.ts'
import type { Decision } from './payment-intent.ts'

const outcomes = ['created', 'requires_action', 'authorized', 'succeeded', 'declined', 'canceled', 'refunded', 'refused'] as const
/** What became of a payment by one request. */
export type Outcome = (typeof outcomes)[number]

const payments = counter('shop.gateway.payments', {
  description: 'Payments by what became of them; a replayed answer counts once',
  unit: '{payment}',
  zero: outcomes.map((outcome) => ({ outcome })),
})

/** Counts one outcome. */
export const countOutcome = (outcome: Outcome): void => payments.add(1, { outcome })

/** The outcome of a decision on a payment intent. */
export function outcomeOf({ intent, failure }: Decision): Outcome {
  if (failure) return failure.type === 'card_error' ? 'declined' : 'refused'
  switch (intent.status) {
    case 'requires_payment_method':
      return intent.last_payment_error ? 'declined' : 'created'
    case 'requires_confirmation':
      return 'created'
    case 'requires_capture':
      return 'authorized'
    case 'requires_action':
    case 'succeeded':
    case 'canceled':
      return intent.status
  }
}
