import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Jwks } from '#shared/auth/jwks.ts'
import type { Log } from '#shared/log/log.ts'
import { isUnavailable } from '#shared/pg/errors.ts'
import { type FieldError, Problem, problems, validationProblem } from '#shared/problem/problem.ts'
import type { AppEnv } from './app-env.ts'
import { authorizer } from './authorize.ts'
import { limitBody } from './body-limit.ts'
import { allowedMethods, requireMediaType } from './method-and-media.ts'
import { observeRequest } from './observe.ts'
import { requestId } from './request-id.ts'
import type { Access } from './route.ts'

export type AppOptions = {
  /** The function's name: the audience of the service tokens it accepts. */
  readonly name: string
  readonly log: Log
  /** Needed as soon as a route is not public. */
  readonly jwks?: Jwks
}

/**
 * The Hono app every function starts from: request ids, metrics, limits, problem details for every error, the OpenAPI
 * document at `/openapi.json`, and access rules that deny by default: a route without one stops the start.
 */
export function createApp({ name, log, jwks = { keys: [] } }: AppOptions): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return
      const where = result.target === 'json' ? 'body' : result.target
      throw validationProblem(where, result.error.issues.flatMap(toFieldErrors).slice(0, MOST_FAULTS))
    },
  })
  const authorize = authorizer(jwks, name)
  const register = app.openapi
  app.openapi = (({ access, ...contract }: Parameters<typeof register>[0] & { access?: Access }, handler: never, hook: never) => {
    if (access === undefined) throw new Error(`Route ${contract.method} ${contract.path} declares no access rule`)
    const middleware: MiddlewareHandler[] = [authorize(access), requireMediaType(contract)]
    return register.call(app, { ...contract, middleware }, handler, hook)
  }) as typeof register

  app.use(requestId(log), observeRequest(), limitBody())
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: name, version: '1' } })
  app.notFound((c) => {
    const allow = allowedMethods(app, c.req.path)
    const problem =
      allow.length > 0
        ? new Problem(problems.methodNotAllowed, `${c.req.method} is not supported here`, { headers: { allow: allow.join(', ') } })
        : new Problem(problems.notFound, 'No such route')
    return problem.toResponse(c.var.requestId)
  })
  app.onError((error, c) => {
    const problem = toProblem(error)
    if (problem.type === problems.internal || problem.cause) c.var.log.error({ err: error }, 'request failed')
    else if (problem.type.status >= 500) c.var.log.warn({ problem: problem.type.code }, problem.message)
    return problem.toResponse(c.var.requestId)
  })
  return app
}

/** What an error means to the caller; whatever is not listed is our own fault and stays opaque. */
function toProblem(error: Error): Problem {
  if (error instanceof Problem) return error
  if (error instanceof HTTPException && error.status === 400) return new Problem(problems.validationFailed, error.message)
  if (isUnavailable(error)) return new Problem(problems.unavailable, undefined, { headers: { 'retry-after': '1' }, cause: error })
  return new Problem(problems.internal)
}

const escapePointer = (key: PropertyKey) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')

/** A body of one MiB can have more faults than anybody wants to be told. */
const MOST_FAULTS = 20

function toFieldErrors(issue: { path: PropertyKey[]; message: string; code?: string | undefined; keys?: string[] }): FieldError[] {
  const at = (path: PropertyKey[], detail: string) => ({ pointer: path.map((key) => `/${escapePointer(key)}`).join(''), detail })
  // An unknown field is reported where it stands, not on the object that holds it; its name is the caller's own input.
  if (issue.code === 'unrecognized_keys') return (issue.keys ?? []).map((key) => at([...issue.path, key], 'is not a known field'))
  return [at(issue.path, issue.message)]
}
