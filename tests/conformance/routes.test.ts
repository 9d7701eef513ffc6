import { expect, test } from 'vitest'
import type { RouteConfig } from '@hono/zod-openapi'
import { createApp } from '#shared/http/create-app.ts'
import { createLog } from '#shared/log/log.ts'
import { findDestination, publicPaths } from '../../functions/edge/routes.ts'
import { type Contract, contractsOf, isPublic } from '../../scripts/generate/openapi.ts'
import { type FunctionName, functionNames, topology } from '../../scripts/topology.ts'
import { read, sourcesIn } from './tree.ts'

type Declared = { readonly owner: FunctionName; readonly name: string; readonly contract: Contract }

const declared: Declared[] = []
for (const owner of functionNames) declared.push(...(await contractsOf(owner)).map((found) => ({ owner, ...found })))
const behindEdge = declared.filter(({ owner }) => (topology.edge.calls as readonly string[]).includes(owner))
const publicRoutes = behindEdge.filter(({ contract }) => isPublic(contract))

const line = ({ owner, contract }: Declared) => `${owner}: ${contract.method.toUpperCase()} ${contract.path}`
const destination = ({ contract }: Declared) => findDestination(contract.method.toUpperCase(), contract.path.replaceAll(/\{\w+\}/g, 'x'))

test('a function whose route declares no access rule does not start', () => {
  const app = createApp({ name: 'catalog', log: createLog('test', 'silent') })
  const open: RouteConfig = { method: 'get', path: '/v1/open', responses: { 200: { description: 'Whatever' } } }
  expect(() => app.openapi(open, () => new Response())).toThrow('Route get /v1/open declares no access rule')
})

test('every route says who may call it', () => {
  const silent = declared.filter(({ contract }) => {
    const { access } = contract
    return access !== 'public' && !('roles' in access ? access.roles : access?.services)?.length
  })
  expect(silent.map(line)).toEqual([])
})

test('every route is registered by its contract, never past it', () => {
  const past = sourcesIn('functions')
    .filter(({ path }) => !path.endsWith('.test.ts') && !path.startsWith('functions/payment-gateway/'))
    .filter(
      ({ text }) =>
        /\b(app|router)\.(get|post|put|patch|delete|on|all|route|mount)\(/.test(text) || /\bnew (Hono|OpenAPIHono)\b/.test(text),
    )
  expect(past.map(({ path }) => path)).toEqual([])
})

test('every contract is served by its app', () => {
  const unserved = declared.filter(({ owner, name }) => !new RegExp(`\\.openapi\\(\\s*${name}\\b`).test(sourcesOf(owner)))
  expect(unserved.map(line)).toEqual([])
})

test('a caller finds every public route behind the one public host', () => {
  const lost = publicRoutes.filter((route) => {
    const found = destination(route)
    return found === undefined || !('to' in found) || found.to !== route.owner
  })
  expect(lost.map(line)).toEqual([])
})

test('no internal route can be reached through the public host', () => {
  const reachable = declared.filter((route) => !publicRoutes.includes(route)).filter((route) => destination(route) !== undefined)
  expect(reachable.map(line)).toEqual([])
})

test('every public path leads to routes that exist, with each of its methods', () => {
  const used = new Set(publicRoutes.map((route) => `${route.contract.method.toUpperCase()} ${destination(route)?.path}`))
  const idle = publicPaths.flatMap(({ path, to }) => {
    if (typeof to === 'string') return [...used].some((known) => known.endsWith(` ${path}`)) ? [] : [path]
    return Object.keys(to)
      .map((method) => `${method} ${path}`)
      .filter((known) => !used.has(known))
  })
  expect(idle).toEqual([])
})

test('the OpenAPI document holds the public routes and no other', () => {
  const { paths } = JSON.parse(read('functions/edge/assets/openapi.json')) as { paths: Record<string, object> }
  const documented = Object.entries(paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method} ${path}`))
  expect(documented.toSorted()).toEqual(publicRoutes.map(({ contract }) => `${contract.method} ${contract.path}`).toSorted())
})

function sourcesOf(owner: FunctionName): string {
  const files = sourcesIn(`functions/${owner}`).filter(({ path }) => !path.endsWith('.test.ts'))
  return files.map(({ text }) => text).join('\n')
}
