import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { route } from '#shared/http/route.ts'
import { type FunctionName, publicFunctions } from '../topology.ts'

export type Contract = ReturnType<typeof route>
/** A route as it stands in some function's `routes.ts`, under the name it is exported with. */
export type NamedContract = { readonly name: string; readonly contract: Contract }

/** How the reference groups the functions: customers know what they look for, not which function answers. */
const tags = {
  accounts: { name: 'Accounts', description: 'Registering, logging in and out' },
  profiles: { name: 'Profile', description: 'What the shop knows about the person who is logged in' },
  catalog: { name: 'Catalog', description: 'Products, their variants and categories' },
  pricing: { name: 'Prices', description: 'Prices, and what a basket costs with tax' },
  stock: { name: 'Stock', description: 'How much can be ordered' },
  orders: { name: 'Orders', description: 'Placing orders and following them' },
  'order-history': { name: 'Orders', description: 'Placing orders and following them' },
} as const satisfies Record<(typeof publicFunctions)[number], { name: string; description: string }>

const title = 'Shop'
const description = [
  'The API of an e-commerce backend.',
  'Begin with `POST /v1/auth/register`, put its `accessToken` into the bearer field, and order what `GET /v1/products` lists.',
  'Amounts are in minor units. Every error is a problem document (RFC 9457) whose `instance` is the id of the request.',
].join('\n\n')

/** The contracts that a function's `routes.ts` exports; none when it has no such file. */
export async function contractsOf(name: FunctionName): Promise<NamedContract[]> {
  const path = join(import.meta.dirname, '..', '..', 'functions', name, 'routes.ts')
  if (!existsSync(path)) return []
  const exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  return Object.entries(exported)
    .filter((entry): entry is [string, Contract] => isContract(entry[1]))
    .map(([exportName, contract]) => ({ name: exportName, contract }))
}

const isContract = (value: unknown) =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'responses' in value

/** Whether the public is meant to reach a route: internal ones stand under `/internal/` or take only functions in. */
export const isPublic = ({ path, access }: Contract): boolean =>
  !path.startsWith('/internal/') && !(access !== 'public' && 'services' in access)

/** The OpenAPI 3.1 document of everything the public host answers, from the schemas that validate. */
export async function makeOpenApi(version: string) {
  const app = new OpenAPIHono()
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
  for (const name of publicFunctions) {
    const contracts = (await contractsOf(name)).filter(({ contract }) => isPublic(contract))
    for (const { name: operationId, contract } of contracts.toSorted(byPath)) {
      const { access: _, ...operation } = contract
      app.openAPIRegistry.registerPath({ ...operation, tags: [tags[name].name], operationId })
    }
  }
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title, version, description, license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' } },
    servers: [{ url: '/', description: 'This host' }],
    tags: [...new Map(Object.values(tags).map((tag) => [tag.name, tag])).values()],
  })
  return withPlainPatterns(document)
}

/** The generator leaves the flag of a Unicode expression in its `pattern`, where no flags stand: JSON Schema implies it. */
function withPlainPatterns<T>(document: T): T {
  const plain = (key: string, value: unknown): unknown =>
    key === 'pattern' && typeof value === 'string' ? value.replace(/\/u$/, '') : value
  return JSON.parse(JSON.stringify(document, plain)) as T
}

const byPath = (a: NamedContract, b: NamedContract) => (a.contract.path < b.contract.path ? -1 : a.contract.path > b.contract.path ? 1 : 0)
