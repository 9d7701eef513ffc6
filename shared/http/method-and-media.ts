import type { Hono, MiddlewareHandler } from 'hono'
import { Problem, problems } from '#shared/problem/problem.ts'
import type { AppEnv } from './app-env.ts'

/** The methods that some route of `app` has for `path`, with HEAD where there is GET; middleware does not count. */
export function allowedMethods(app: Hono<AppEnv>, path: string): string[] {
  const methods = app.routes.filter((route) => route.method !== 'ALL' && matches(route.path, path)).map((route) => route.method)
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)))].sort()
}

const matches = (pattern: string, path: string) => {
  const parts = pattern.split('/')
  const given = path.split('/')
  return parts.length === given.length && parts.every((part, index) => part.startsWith(':') || part === given[index])
}

type Contract = { request?: { body?: { content: object } | undefined } | undefined }

/** Refuses a body of another media type than the route takes, instead of reading it as empty. */
export function requireMediaType(contract: Contract): MiddlewareHandler {
  const accepted = Object.keys(contract.request?.body?.content ?? {})
  return async (c, next) => {
    const given = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (accepted.length > 0 && !accepted.includes(given ?? '')) {
      throw new Problem(problems.unsupportedMediaType, `Send the body as ${accepted.join(' or ')}`)
    }
    await next()
  }
}
