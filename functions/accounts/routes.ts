import * as z from 'zod'
import { personName } from '#db/users/profile-fields.ts'
import { publicKey } from '#shared/auth/jwks.ts'
import { json, problem, route } from '#shared/http/route.ts'

const email = z
  .email()
  .max(254)
  .toLowerCase()
  .meta({ description: 'Upper and lower case make no difference', examples: ['ada@shop.example'] })
const password = z
  .string()
  .max(256)
  .meta({ examples: ['correct horse battery staple'] })

const accountView = z
  .object({ id: z.uuid(), email: z.email(), roles: z.array(z.enum(['customer', 'staff', 'admin'])), createdAt: z.iso.datetime() })
  .meta({ id: 'Account' })

const tokens = {
  accessToken: z.string().meta({ description: 'A JWT for `Authorization: Bearer`' }),
  tokenType: z.literal('Bearer'),
  expiresIn: z.int().meta({ description: 'Seconds for which the access token is good' }),
  refreshToken: z.string().meta({ description: 'Good for one refresh; a second use ends the session' }),
}
const tokensView = z.object(tokens).meta({ id: 'Tokens' })
const loginView = z.object({ ...tokens, account: accountView }).meta({ id: 'Login' })

const refreshBody = { required: true, ...json(z.strictObject({ refreshToken: z.string().min(1).max(256) }), 'The refresh token') }

const refused = {
  400: problem('The body is not valid'),
  413: problem('The body is over 1 MiB'),
  415: problem('The body is not JSON'),
}

export const register = route({
  method: 'post',
  path: '/v1/auth/register',
  access: 'public',
  tags: ['Accounts'],
  summary: 'Register and log in',
  request: {
    body: {
      required: true,
      ...json(
        z
          .strictObject({ email, password: password.min(8), name: personName.optional() })
          .refine(({ email, password }) => password.toLowerCase() !== email, { path: ['password'], error: 'must not be the email' }),
        'Who registers',
      ),
    },
  },
  responses: {
    201: json(loginView, 'The account and its first session'),
    ...refused,
    409: problem('There is an account with this email'),
    503: problem('Too many people log in at once'),
  },
})

export const login = route({
  method: 'post',
  path: '/v1/auth/login',
  access: 'public',
  tags: ['Accounts'],
  summary: 'Log in',
  request: {
    body: { required: true, ...json(z.strictObject({ email, password: password.min(1) }), 'Who logs in') },
  },
  responses: {
    200: json(loginView, 'The account and a new session'),
    ...refused,
    401: problem('The email or the password is wrong'),
    429: problem('Too many failed logins for this email'),
    503: problem('Too many people log in at once'),
  },
})

export const refresh = route({
  method: 'post',
  path: '/v1/auth/refresh',
  access: 'public',
  tags: ['Accounts'],
  summary: 'Exchange a refresh token for new tokens',
  request: { body: refreshBody },
  responses: { 200: json(tokensView, 'New tokens of the same session'), ...refused, 401: problem('The session is over') },
})

export const logout = route({
  method: 'post',
  path: '/v1/auth/logout',
  access: 'public',
  tags: ['Accounts'],
  summary: 'End the session of a refresh token',
  request: { body: refreshBody },
  responses: { 204: { description: 'The session is over, if there was one' }, ...refused },
})

export const getKeys = route({
  method: 'get',
  path: '/.well-known/jwks.json',
  access: 'public',
  tags: ['Accounts'],
  summary: 'The public keys of access tokens',
  responses: {
    200: json(
      z.object({
        keys: z.array(publicKey),
      }),
      'A JWK set (RFC 7517)',
    ),
    304: { description: 'The copy at hand is current' },
  },
})
