import { type FunctionName, functionNames } from '../../scripts/topology.ts'

/** Who is not named here calls nobody. */
const known: Readonly<Partial<Record<FunctionName, readonly FunctionName[]>>> = {
  // The gateway has one page for customers, and only where it may be steered.
  edge: ['accounts', 'profiles', 'catalog', 'pricing', 'stock', 'orders', 'order-history', 'payment-gateway'],
  orders: ['reservations', 'payment-gateway', 'pricing'],
  'order-sweeper': ['orders', 'reservations', 'payment-gateway'],
  'payment-gateway': ['orders'],
}

/** The only calls between functions that the design knows. */
export const arrows = Object.fromEntries(functionNames.map((name) => [name, known[name] ?? []])) as Readonly<
  Record<FunctionName, readonly FunctionName[]>
>
