import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findDestination } from '../../functions/edge/routes.ts'
import { type Document, routesOf } from '../e2e/bad-requests.ts'
import type { Answer, Asking, RunningShop } from '../e2e/running-shop.ts'

/** How often each thing happened, by a line that names it, such as `catalog GET /v1/products/:id 200`. */
export type Tally = Map<string, number>

export const countIn = (tally: Tally, line: string, times = 1) => tally.set(line, (tally.get(line) ?? 0) + times)

const file = join(import.meta.dirname, '../../functions/edge/assets/openapi.json')
/** Every public route, of the document that the shop publishes. */
export const routes = routesOf(JSON.parse(readFileSync(file, 'utf8')) as Document)
const patterns = routes.map((route) => ({ ...route, pattern: new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }))
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The public route that a request is one of. */
export const routeOf = (method: string, path: string) =>
  patterns.find((route) => route.method === (method === 'HEAD' ? 'GET' : method) && route.pattern.test(path.split('?')[0] ?? ''))

/** Asks the public host, and adds to `tally` what each function must count for it: the edge, and the function behind it. */
export function tallied({ ask }: RunningShop, tally: Tally): RunningShop['ask'] {
  return async (method, path, asking) => {
    const answer = await ask(method, path, asking)
    for (const line of linesOf(method, path, answer, asking)) countIn(tally, line)
    return answer
  }
}

function linesOf(given: string, path: string, { status }: Answer, { body }: Asking = {}): string[] {
  const method = methods.includes(given) ? given : '_OTHER'
  const pathname = path.split('?')[0] ?? ''
  const destination = findDestination(given, pathname)
  const atEdge = (route: string) => `edge ${method} ${route} ${status}`
  if (!destination) return [atEdge(isPage(pathname) ? pathname : '/*')]
  // The edge itself refuses a method that no function has, and a body whose length is too much.
  if ('allow' in destination || (status === 413 && typeof body !== 'undefined')) return [atEdge(destination.path)]
  const route = routeOf(given, path)?.path.replaceAll(/\{(\w+)\}/g, ':$1') ?? '/*'
  return [atEdge(destination.path), `${destination.to} ${method} ${route} ${status}`]
}

const isPage = (path: string) => ['/', '/docs', '/docs/scalar.js', '/openapi.json'].includes(path)
