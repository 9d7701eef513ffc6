import type { Asking } from './running-shop.ts'
import { newKey, orderOf } from './running-shop.ts'

type Parameter = { readonly in: string; readonly name: string }
type Operation = {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: object
  readonly security?: readonly object[]
  readonly responses: Readonly<Record<string, object>>
}
export type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }

/** A public route, and whether it wants a body and a token. */
export type Route = {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly takesBody: boolean
  readonly isPublic: boolean
}

/** A request that a route must refuse: what is wrong with it, and the status that says so. */
export type BadRequest = { readonly wrong: string; readonly status: number; readonly path: string } & Asking & {
    /** Where the problem must say that the fault is, as a JSON pointer. */
    readonly pointer?: string
  }

/** Every route of an OpenAPI document. */
export const routesOf = ({ paths }: Document): Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody, security = [] }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters,
      takesBody: requestBody !== undefined,
      isPublic: security.length === 0,
    })),
  )

const UNKNOWN_ID = '019422bc-18a0-7001-8000-00000000ffff'
const login = { email: 'nobody@shop.example', password: 'correct horse battery' }

/** What each route that takes a body takes; the tests break one thing of it at a time. */
export const validBodies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'POST /v1/auth/register': { ...login, name: 'Nobody' },
  'POST /v1/auth/login': login,
  'POST /v1/auth/refresh': { refreshToken: 'unknown' },
  'POST /v1/auth/logout': { refreshToken: 'unknown' },
  'PATCH /v1/me': { name: 'Ada', phone: '+4930123456' },
  'POST /v1/quotes': { items: [{ sku: 'MUG-0001', quantity: 1 }], country: 'DE', currency: 'EUR' },
  'POST /v1/orders': { ...orderOf('MUG-0001'), expectedTotal: { amount: 1, currency: 'EUR' } },
}

const validPath = (path: string) => path.replace('{sku}', 'MUG-0001').replace('{id}', UNKNOWN_ID)

/** What must be refused on a route, each with one fault only; `token` is a customer's. */
export function badRequestsOf(route: Route, token: string): BadRequest[] {
  const path = validPath(route.path)
  const good: Asking = { headers: headersOf(route), ...(route.isPublic ? {} : { token }) }
  return [...badParameters(route, path, good), ...(route.takesBody ? badBodies(route, path, good) : [])]
}

const headersOf = ({ parameters }: Route): Record<string, string> =>
  parameters.some(({ name }) => name === 'idempotency-key') ? newKey() : {}

function badParameters({ path: template, parameters, name, takesBody }: Route, path: string, good: Asking): BadRequest[] {
  const asking = { ...good, ...(takesBody ? { body: validBodies[name] } : {}) }
  const has = (parameter: string) => parameters.some((known) => known.name === parameter)
  const inQuery = (parameter: string, ...values: string[]): BadRequest[] =>
    values.map((value) => {
      const search = `${parameter}=${value}`
      return { wrong: search, status: 400, path: `${path}?${search}`, pointer: `/${parameter}`, ...asking }
    })
  const inHeader = (header: string, value: string, status = 400): BadRequest[] => {
    const headers = { ...good.headers, [header]: value }
    return [{ wrong: `${header}: ${value}`, status, path, ...(status === 400 ? { pointer: `/${header}` } : {}), ...asking, headers }]
  }
  const inPath = (...ids: string[]): BadRequest[] =>
    ids.map((id) => ({ wrong: `the id ${id.slice(0, 20)}`, status: 400, path: template.replace(/\{\w+\}/, id), ...asking }))
  return [
    ...(parameters.some((known) => known.in === 'query') ? inQuery('unknown', '1') : []),
    ...(has('limit') ? inQuery('limit', '0', '101', '-1', '1.5', 'many', '') : []),
    ...(has('cursor') ? inQuery('cursor', 'made-up', 'e30', 'bnVsbA', '', '%00', 'x'.repeat(2_000)) : []),
    ...(has('currency') ? inQuery('currency', 'euro', '') : []),
    ...(has('category') ? inQuery('category', '%27or%201=1', '') : []),
    ...(template.includes('{') ? inPath('%27%20or%201=1', '%00', '-', '%E2%98%83', 'x'.repeat(200)) : []),
    ...(has('idempotency-key') ? inHeader('idempotency-key', 'short') : []),
    ...(has('idempotency-key')
      ? [{ wrong: 'no Idempotency-Key', status: 400, path, ...asking, headers: {}, pointer: '/idempotency-key' }]
      : []),
    ...(has('prefer') ? inHeader('prefer', 'respond-async') : []),
    ...(has('if-match') ? inHeader('if-match', '"0"', 412) : []),
  ]
}

function badBodies({ name }: Route, path: string, good: Asking): BadRequest[] {
  const valid = validBodies[name] ?? {}
  const bad = (wrong: string, body: unknown, more: Partial<BadRequest> = {}): BadRequest => ({
    wrong,
    status: 400,
    path,
    ...good,
    body,
    ...more,
  })
  const type = (value: string) => ({ headers: { ...good.headers, 'content-type': value } })
  return [
    bad('a body that is not JSON', '{"email": '),
    bad('an empty body', ''),
    ...['null', '[]', '"text"', '1', '{}'].map((body) => bad(`the body ${body}`, body)),
    bad('an unknown field', { ...valid, unknown: 1 }, { pointer: '/unknown' }),
    bad('a field named __proto__', `${JSON.stringify(valid).slice(0, -1)},"__proto__":{"a":1}}`),
    ...valuesIn(valid).flatMap(([pointer, value]) =>
      [...wrongFor(value), ...(HASHED.has(pointer) ? [] : unstorable(value))].map((other) =>
        bad(`${JSON.stringify(other)} at ${pointer}`, replaced(valid, pointer, other), { pointer }),
      ),
    ),
    bad('another media type', JSON.stringify(valid), { status: 415, ...type('text/plain') }),
    bad('a form', 'a=1', { status: 415, ...type('application/x-www-form-urlencoded') }),
    bad('more than 1 MiB', { ...valid, unknown: 'x'.repeat(1024 * 1024) }, { status: 413 }),
  ]
}

/** Every value of a document with its JSON pointer, the objects and lists in it too. */
function valuesIn(value: unknown, pointer = ''): [string, unknown][] {
  const inside = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const found = inside.flatMap(([key, member]) => valuesIn(member, `${pointer}/${key}`))
  return pointer === '' ? found : [[pointer, value], ...found]
}

/** Fields of which only a hash is kept, so that they may be any text. */
const HASHED = new Set(['/password', '/refreshToken'])

/** Text that PostgreSQL cannot keep. */
const unstorable = (value: unknown): string[] => (typeof value === 'string' ? [`${value}\u0000`, `${value}\ud800`] : [])

/** What no field takes that takes `value`. */
function wrongFor(value: unknown): unknown[] {
  const always = [{ strange: true }, true]
  if (typeof value === 'string') return [...always, 1, '']
  if (typeof value === 'number') return [...always, '1', -1, 1.5, 2 ** 60]
  return [...always, 'text', Array.isArray(value) ? [] : {}]
}

function replaced(document: object, pointer: string, value: unknown): object {
  const copy = structuredClone(document) as Record<string, unknown>
  const keys = pointer.split('/').slice(1)
  const last = keys.pop() ?? ''
  const parent = keys.reduce((inside, key) => inside[key] as Record<string, unknown>, copy)
  parent[last] = value
  return copy
}
