import type Stripe from 'stripe'
import { type Charge, chargeView } from './charge.ts'
import { customerReference } from './customer.ts'
import type { Payment } from './payment-intent.ts'
import { paymentIntentView } from './payment-intent-view.ts'
import type { Refund } from './refund.ts'

/** The ids in a refund that can be answered as whole objects. */
export const expandableOfRefund = ['charge', 'payment_intent', 'customer'] as const

/** A refund as Stripe's Refund object; `payment` is needed for its customer and for the ids that `expand` names. */
export function refundView(
  made: Refund,
  expand: readonly string[] = [],
  payment?: Pick<Payment, 'intent' | 'customer'> & { charge: Charge },
): Stripe.Refund {
  const customer = payment?.customer
  return {
    id: made.id,
    object: 'refund',
    amount: made.amount,
    balance_transaction: null,
    charge: payment && expand.includes('charge') ? chargeView(payment.charge) : made.charge,
    created: made.created,
    currency: made.currency,
    customer: customer && expand.includes('customer') ? customerReference(customer) : (payment?.intent.customer ?? null),
    customer_account: null,
    destination_details: {
      type: 'card',
      card: { type: 'refund', reference_status: 'pending', reference_type: 'acquirer_reference_number' },
    },
    ...(made.failure_reason === null ? {} : { failure_reason: made.failure_reason }),
    metadata: made.metadata,
    payment_intent: payment && expand.includes('payment_intent') ? paymentIntentView(payment) : made.payment_intent,
    payment_method: payment?.charge.payment_method ?? null,
    ...(made.status === 'pending' ? { pending_reason: 'processing' as const } : {}),
    reason: made.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: made.status,
    transfer_reversal: null,
  }
}
