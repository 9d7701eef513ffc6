/** The functions that the public reaches. */
export type Upstream = 'accounts' | 'profiles' | 'catalog' | 'pricing' | 'stock' | 'orders' | 'order-history' | 'payment-gateway'

/**
 * One public path: `{id}` stands for one segment, a last `*` for any number, also none. It leads to one function, which knows
 * its methods, or each method to its own. What is not listed here is not public.
 */
export type PublicPath = { readonly path: string; readonly to: Upstream | Readonly<Partial<Record<string, Upstream>>> }

/** Every public path with the function behind it; the first that fits decides. */
export const publicPaths: readonly PublicPath[] = [
  { path: '/.well-known/jwks.json', to: 'accounts' },
  { path: '/v1/auth/*', to: 'accounts' },
  { path: '/v1/me/*', to: 'profiles' },
  { path: '/v1/products/*', to: 'catalog' },
  { path: '/v1/categories/*', to: 'catalog' },
  { path: '/v1/prices/*', to: 'pricing' },
  { path: '/v1/quotes', to: 'pricing' },
  { path: '/v1/stock/*', to: 'stock' },
  { path: '/v1/orders', to: { GET: 'order-history', POST: 'orders' } },
  { path: '/v1/orders/{id}', to: { GET: 'order-history' } },
]

/** The page of a test bank on which a person confirms a payment; public only where payments are a mock. */
export const mockPaths: readonly PublicPath[] = [{ path: '/mock/3ds/{id}', to: { GET: 'payment-gateway', POST: 'payment-gateway' } }]

/** Where a request goes: to a function, nowhere because of its method, or nowhere at all. */
export type Destination = { readonly path: string; readonly to: Upstream } | { readonly path: string; readonly allow: string } | undefined

const toPatterns = (paths: readonly PublicPath[]) => paths.map(({ path, to }) => ({ path, to, pattern: toPattern(path) }))
const patterns = toPatterns(publicPaths)
const patternsWithMock = toPatterns([...publicPaths, ...mockPaths])

/** Finds where `method` and the normalised path of a URL lead; `mock` adds the paths of a mock. */
export function findDestination(method: string, pathname: string, { mock = false } = {}): Destination {
  const found = (mock ? patternsWithMock : patterns).find(({ pattern }) => pattern.test(pathname))
  if (!found) return undefined
  const { path, to } = found
  if (typeof to === 'string') return { path, to }
  const upstream = to[method === 'HEAD' ? 'GET' : method]
  return upstream ? { path, to: upstream } : { path, allow: allowed(Object.keys(to)) }
}

function toPattern(path: string): RegExp {
  const source = path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')
  return new RegExp(`^${source.endsWith('/*') ? `${source.slice(0, -2)}(/.*)?` : source}$`)
}

const allowed = (methods: readonly string[]) => (methods.includes('GET') ? [...methods, 'HEAD'] : [...methods]).toSorted().join(', ')
