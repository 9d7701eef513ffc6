import { createRoute, type RouteConfig } from '@hono/zod-openapi'
import * as z from 'zod'

/** Who may call a route: everybody, users who have one of the roles, or the functions named. */
export type Access = 'public' | { readonly roles: readonly string[] } | { readonly services: readonly string[] }

/** The body of every error answer (RFC 9457). */
export const problemBody = z
  .object({
    type: z.url(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'The request id, to quote when asking for help' }),
    in: z.string().optional(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .loose()
  .meta({ id: 'Problem' })

/** A JSON body or answer. */
export const json = <T extends z.ZodType>(schema: T, description: string) => ({ content: { 'application/json': { schema } }, description })

/** An error answer with its meaning. */
export const problem = (description: string) => ({ content: { 'application/problem+json': { schema: problemBody } }, description })

type Route = RouteConfig & { access: Access }

/** The contract of one route. Its access rule is part of it: an app refuses to start with a route that has none. */
export function route<const R extends Route>(contract: R) {
  const security = contract.access === 'public' ? [] : [{ bearer: [] }]
  return createRoute({ ...contract, security } as R)
}
