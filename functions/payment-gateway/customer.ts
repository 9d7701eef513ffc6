import type Stripe from 'stripe'

/** Somebody who pays more than once. Field names are Stripe's; `created` in Unix seconds. `version` guards its row. */
export type Customer = {
  readonly id: string
  readonly created: number
  readonly version: number
  readonly deleted: boolean
  readonly email: string | null
  readonly metadata: Readonly<Record<string, string>>
  /** What the caller gave and gets back unchanged. */
  readonly details: Readonly<Record<string, unknown>>
}

type Details = Pick<Stripe.Customer, 'address' | 'description' | 'name' | 'phone' | 'shipping'>

/** A customer as Stripe's Customer object. */
export function customerView(customer: Customer): Stripe.Customer {
  const details: Details = { description: null, shipping: null, ...customer.details }
  return {
    id: customer.id,
    object: 'customer',
    balance: 0,
    created: customer.created,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    discount: null,
    email: customer.email,
    invoice_prefix: customer.id.slice(-8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: customer.metadata,
    next_invoice_sequence: 1,
    preferred_locales: [],
    tax_exempt: 'none',
    test_clock: null,
    ...details,
  }
}

/** A customer as it is found in other objects, deleted or not. */
export const customerReference = (customer: Customer): Stripe.Customer | Stripe.DeletedCustomer =>
  customer.deleted ? { id: customer.id, object: 'customer', deleted: true } : customerView(customer)
