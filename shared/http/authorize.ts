import type { MiddlewareHandler } from 'hono'
import { bearerToken } from '#shared/auth/bearer.ts'
import type { Jwks } from '#shared/auth/jwks.ts'
import { serviceVerifier } from '#shared/auth/service-token.ts'
import { userVerifier } from '#shared/auth/user-token.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import type { AppEnv } from './app-env.ts'
import type { Access } from './route.ts'

const unauthorized = (detail: string) => new Problem(problems.unauthorized, detail, { headers: { 'www-authenticate': 'Bearer' } })

/** Makes the middleware that lets only the callers of an access rule through; `audience` is this function's name. */
export function authorizer(jwks: Jwks, audience: string): (access: Access) => MiddlewareHandler<AppEnv> {
  const verifyUser = userVerifier(jwks)
  return (access) => {
    if (access === 'public') return (_, next) => next()
    if ('services' in access) {
      const verifyService = serviceVerifier(jwks, audience, access.services)
      return async (c, next) => {
        const caller = await verifyService(bearerToken(c.req.header('authorization')) ?? '')
        if (!caller) throw unauthorized('A service token for this function is required')
        c.set('caller', caller)
        await next()
      }
    }
    return async (c, next) => {
      const token = bearerToken(c.req.header('authorization'))
      if (!token) throw unauthorized('A bearer token is required')
      const user = await verifyUser(token)
      if (!user) throw unauthorized('The token is not valid, or no longer')
      if (!user.roles.some((role) => access.roles.includes(role))) throw new Problem(problems.forbidden)
      c.set('user', user)
      await next()
    }
  }
}
