import type { FunctionName } from '../../scripts/topology.ts'

/** How the life of one function goes on: what Knative sees of it `seconds` after the beginning. */
export type Life = { readonly name: FunctionName; readonly pods: number; readonly wanted: number; readonly seconds: number }

/** What never had a request. */
const ASLEEP: FunctionName = 'order-sweeper'
/** Asleep at first; its first request comes after `WOKEN_AT` and waits until `READY_AT`. */
const WOKEN: FunctionName = 'accounts'
const WOKEN_AT = 20
const READY_AT = 24

/** Where the functions live, and what Kubernetes and Knative call their parts. */
export const namespace = 'shop'
export const revisionOf = (name: FunctionName) => `${name}-00001`
export const podOf = (name: FunctionName) => `${revisionOf(name)}-deployment-6d5f8c7b9-x2x4x`

/** The life of a function so far. */
export function lifeOf(name: FunctionName, seconds: number): Life {
  if (name === ASLEEP) return { name, seconds: 0, pods: 0, wanted: 0 }
  if (name !== WOKEN) return { name, seconds, pods: 1, wanted: 1 }
  return { name, seconds: Math.max(0, seconds - READY_AT), pods: seconds < READY_AT ? 0 : 1, wanted: seconds < WOKEN_AT ? 0 : 1 }
}
