import { validateHeaderName, validateHeaderValue } from 'node:http'

/** `Headers` of the Fetch standard, without the guards that only browsers need. */
export class LightHeaders {
  readonly #values = new Map<string, string[]>()

  constructor(init: Iterable<readonly [string, string]> | Readonly<Record<string, string>> = []) {
    for (const [name, value] of Symbol.iterator in init ? init : Object.entries(init)) this.append(name, value)
  }

  append(name: string, value: string) {
    const normal = toValue(name, value)
    const known = this.#values.get(name.toLowerCase())
    if (known) known.push(normal)
    else this.#values.set(name.toLowerCase(), [normal])
  }

  set(name: string, value: string) {
    this.#values.set(toKey(name), [toValue(name, value)])
  }

  get(name: string): string | null {
    return this.#values.get(toKey(name))?.join(', ') ?? null
  }

  getSetCookie(): string[] {
    return [...(this.#values.get('set-cookie') ?? [])]
  }

  has(name: string): boolean {
    return this.#values.has(toKey(name))
  }

  delete(name: string) {
    this.#values.delete(toKey(name))
  }

  forEach(callback: (value: string, name: string, headers: LightHeaders) => void, thisArg?: unknown) {
    for (const [name, value] of this) callback.call(thisArg, value, name, this)
  }

  *entries(): Generator<[string, string]> {
    for (const [name, values] of [...this.#values].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (name === 'set-cookie') for (const value of values) yield [name, value]
      else yield [name, values.join(', ')]
    }
  }

  *keys(): Generator<string> {
    for (const [name] of this) yield name
  }

  *values(): Generator<string> {
    for (const [, value] of this) yield value
  }

  [Symbol.iterator]() {
    return this.entries()
  }
}

function toKey(name: string): string {
  validateHeaderName(name)
  return name.toLowerCase()
}

function toValue(name: string, value: string): string {
  validateHeaderName(name)
  const normal = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
  validateHeaderValue(name, normal)
  return normal
}
