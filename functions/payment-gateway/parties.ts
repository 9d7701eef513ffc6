import type { z } from 'zod'
import type { Customer } from './customer.ts'
import type { Surroundings } from './payment-intent.ts'
import { cardOf, type methodData, requireKnownCard, saveMethod } from './payment-method-params.ts'
import { isSaved } from './payment-method.ts'
import type { SavedMethod } from './payment-method-view.ts'
import { customerBy, methodBy, readFrom } from './source.ts'
import type { PaymentStore } from './store.ts'

type Given = {
  customer?: string | undefined
  payment_method?: string | undefined
  payment_method_data?: z.infer<typeof methodData> | undefined
}

/** The card of a request: its id, what is known of it when it is saved, and the same again when this request saves it. */
export type Method = { readonly id: string | undefined; readonly saved: SavedMethod | null; readonly made?: SavedMethod | undefined }

/** Who pays and by which card. */
export type Parties = { readonly customer: Customer | null; readonly method: (surroundings: Surroundings) => Method }

/** Finds the customer and the card that a request names; refuses what is not there before anything is made with it. */
export async function partiesOf(store: PaymentStore, { customer, payment_method, payment_method_data }: Given): Promise<Parties> {
  requireKnownCard(payment_method)
  const data = payment_method_data && { card: cardOf(payment_method_data), given: payment_method_data }
  const saved = payment_method !== undefined && isSaved(payment_method) ? await readFrom(methodBy(store, payment_method)) : null
  return {
    customer: customer === undefined ? null : await readFrom(customerBy(store, customer, 'customer')),
    method: (surroundings) => {
      if (!data) return { id: payment_method, saved }
      const made = saveMethod(data.card, data.given, surroundings)
      return { id: made.id, saved: made, made }
    },
  }
}
