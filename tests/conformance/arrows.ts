import type { FunctionName } from '../../scripts/topology.ts'

/** The only calls between functions that the design knows. */
export const arrows: Readonly<Record<FunctionName, readonly FunctionName[]>> = {
  // The gateway has one page for customers, and only where it may be steered.
  edge: ['accounts', 'profiles', 'catalog', 'pricing', 'stock', 'orders', 'order-history', 'payment-gateway'],
  orders: ['reservations', 'payment-gateway', 'pricing'],
  'order-sweeper': ['orders', 'reservations', 'payment-gateway'],
  'payment-gateway': ['orders'],
  accounts: [],
  profiles: [],
  catalog: [],
  pricing: [],
  stock: [],
  reservations: [],
  'order-history': [],
}
