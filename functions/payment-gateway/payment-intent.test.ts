import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refundable } from './charge.ts'
import {
  capture,
  completeAuthentication,
  confirm,
  type Decision,
  newPayment,
  type Payment,
  type Status,
  type Surroundings,
} from './payment-intent.ts'
import { cancel } from './payment-intent-changes.ts'
import { testCards } from './payment-method.ts'
import { refund } from './refund.ts'

let made = 0
const surroundings: Surroundings = {
  now: 1_700_000_000,
  newId: (prefix) => `${prefix}_${++made}`,
  newSecret: () => 'secret',
  authenticationUrl: (id) => `https://gateway.example/${id}`,
}
const start = (card: string | null = 'pm_card_visa', capture_method: 'manual' | 'automatic' = 'manual') =>
  newPayment(
    { amount: 1000, currency: 'eur', capture_method, customer: null, payment_method: card, metadata: {}, details: {} },
    surroundings,
  )

const inStatus: Record<Status, () => Payment> = {
  requires_payment_method: () => start(null),
  requires_confirmation: () => start(),
  requires_action: () => confirm(start('pm_card_threeDSecure2Required'), {}, surroundings),
  requires_capture: () => confirm(start(), {}, surroundings),
  succeeded: () => confirm(start('pm_card_visa', 'automatic'), {}, surroundings),
  canceled: () => cancel(start(), null, surroundings),
}
const commands = {
  confirm: (payment: Payment) => confirm(payment, { paymentMethod: 'pm_card_visa' }, surroundings),
  capture: (payment: Payment) => capture(payment, undefined),
  cancel: (payment: Payment) => cancel(payment, null, surroundings),
  authenticate: (payment: Payment) => completeAuthentication(payment, 'succeeded', surroundings),
}

// What each command makes of a manually captured payment in each status; a dash is a refusal.
const rules: Record<Status, Record<keyof typeof commands, Status | '-'>> = {
  requires_payment_method: { confirm: 'requires_capture', capture: '-', cancel: 'canceled', authenticate: '-' },
  requires_confirmation: { confirm: 'requires_capture', capture: '-', cancel: 'canceled', authenticate: '-' },
  requires_action: { confirm: 'requires_capture', capture: '-', cancel: 'canceled', authenticate: 'requires_capture' },
  requires_capture: { confirm: '-', capture: 'succeeded', cancel: 'canceled', authenticate: '-' },
  succeeded: { confirm: '-', capture: '-', cancel: '-', authenticate: '-' },
  canceled: { confirm: '-', capture: '-', cancel: '-', authenticate: '-' },
}

test('each command does in each status what the rules say, and a refusal changes nothing', () => {
  for (const [status, expected] of Object.entries(rules) as [Status, (typeof rules)[Status]][]) {
    for (const [name, wanted] of Object.entries(expected) as [keyof typeof commands, Status | '-'][]) {
      const before = inStatus[status]()
      const { intent, failure } = commands[name](before)
      expect([status, name, failure ? '-' : intent.status]).toEqual([status, name, wanted])
      expect(failure && { code: failure.code, intent }).toEqual(
        wanted === '-' ? { code: 'payment_intent_unexpected_state', intent: before.intent } : undefined,
      )
    }
  }
})

type Step = (payment: Payment) => Decision | ReturnType<typeof refund>
const cards = testCards().map(({ id }) => id)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({ paymentMethod: fc.constantFrom(...cards), offSession: fc.boolean() })
    .map((given) => (payment: Payment) => confirm(payment, given, surroundings)),
  fc.integer({ min: 1, max: 1200 }).map((amount) => (payment: Payment) => capture(payment, amount)),
  fc
    .constantFrom('succeeded' as const, 'failed' as const)
    .map((result) => (payment: Payment) => completeAuthentication(payment, result, surroundings)),
  fc
    .integer({ min: 1, max: 1200 })
    .map((amount) => (payment: Payment) => refund(payment, { amount, reason: null, metadata: {} }, surroundings)),
  fc.constant((payment: Payment) => cancel(payment, null, surroundings)),
)

test('whatever is done to a payment, in any order, the books stay right and one charge at most succeeds', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (steps, manual) => {
      let payment: Payment = start('pm_card_visa', manual ? 'manual' : 'automatic')
      const succeeded = new Set<string>()
      let refunded = 0
      for (const apply of steps) {
        const decision = apply(payment)
        if ('refund' in decision && decision.refund) refunded += decision.refund.amount
        payment = { intent: decision.intent, charge: decision.charge }
        if (payment.charge?.status === 'succeeded') succeeded.add(payment.charge.id)
      }
      const { intent, charge } = payment
      expect(succeeded.size).toBeLessThanOrEqual(1)
      expect(intent.amount_received).toBe(charge?.amount_captured ?? 0)
      expect(charge ? charge.amount_captured - refundable(charge) : 0).toBe(refunded)
      expect(intent.amount_capturable > 0).toBe(intent.status === 'requires_capture')
      expect(intent.amount_received > 0).toBe(intent.status === 'succeeded')
      expect(intent.next_action !== null).toBe(intent.status === 'requires_action')
    }),
  )
})
