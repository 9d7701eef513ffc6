import { invalidRequest, StripeError } from './stripe-error.ts'

/** Decoded parameters: texts, lists of values, and values by name. */
export type FormValue = string | FormValue[] | { [name: string]: FormValue }
/** Parameters by name; it has no prototype. */
export type Form = { [name: string]: FormValue }

const MAX_PARAMETERS = 1_000
const MAX_DEPTH = 6
const NAME = /^([^[\]]+)((?:\[[^[\]]*\])*)$/

// Objects without a prototype: a parameter called `__proto__` is a name like any other.
type Node = string | Branch
type Branch = Map<string, Node>

/**
 * Decodes a query or form body with Stripe's brackets: `metadata[order_id]=o1`, `expand[0]=latest_charge`, `expand[]=a`.
 * Throws a `StripeError` for names that contradict each other, nest too deep, or are too many.
 */
export function decodeForm(text: string): Form {
  const root: Branch = new Map()
  let count = 0
  for (const [name, value] of new URLSearchParams(text)) {
    if (++count > MAX_PARAMETERS) throw new StripeError(invalidRequest('The request has too many parameters.'))
    insert(root, pathOf(name), value, name)
  }
  return toForm(root)
}

function pathOf(name: string): string[] {
  const match = NAME.exec(name)
  if (!match?.[1]) return [name]
  const inner = match[2] ? match[2].slice(1, -1).split('][') : []
  if (inner.length >= MAX_DEPTH) throw new StripeError(invalidRequest('A parameter is nested too deep.', { param: match[1] }))
  return [match[1], ...inner]
}

function insert(root: Branch, path: string[], value: string, name: string) {
  const contradiction = () => new StripeError(invalidRequest(`Invalid parameter: ${name.slice(0, 100)}`, { param: path[0] ?? '' }))
  let branch = root
  path.forEach((part, depth) => {
    // `a[]` appends: it takes the next free index.
    const key = part === '' && depth > 0 ? String(branch.size) : part
    const known = branch.get(key)
    if (depth === path.length - 1) {
      if (known instanceof Map) throw contradiction()
      branch.set(key, value)
      return
    }
    if (typeof known === 'string') throw contradiction()
    const next: Branch = known ?? new Map()
    branch.set(key, next)
    branch = next
  })
}

function toForm(branch: Branch): Form {
  const form = Object.create(null) as Form
  for (const [name, node] of branch) form[name] = toValue(node)
  return form
}

function toValue(node: Node): FormValue {
  if (typeof node === 'string') return node
  const isList = [...node.keys()].every((key, index) => key === String(index))
  return isList ? [...node.values()].map(toValue) : toForm(node)
}
