import type { Pg } from '#shared/pg/pg.ts'
import { controlStore } from './store-control.ts'
import { deliveryStore } from './store-deliveries.ts'
import { listStore } from './store-lists.ts'
import { removingStore } from './store-remove.ts'
import { savingStore } from './store-save.ts'

/** All SQL of the gateway. */
export type PaymentStore = ReturnType<typeof paymentStore>

/** All SQL of the gateway. `control` tells whether failures ordered by tests are carried out. */
export function paymentStore(pg: Pg, { control = false }: { control?: boolean } = {}) {
  return { ...savingStore(pg, { control }), ...listStore(pg), ...deliveryStore(pg), ...controlStore(pg), ...removingStore(pg) }
}
