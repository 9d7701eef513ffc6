import * as z from 'zod'
import { personName, phoneNumber } from '#db/users/profile-fields.ts'
import { json, problem, route } from '#shared/http/route.ts'

const access = { roles: ['customer', 'staff', 'admin'] } as const

const profileView = z
  .object({
    id: z.uuid().meta({ description: 'The id of the account' }),
    email: z.email(),
    name: z.string().nullable(),
    phone: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Profile' })

const profile = { ...json(profileView, 'The profile'), headers: z.object({ etag: z.string() }) }

export const getMe = route({
  method: 'get',
  path: '/v1/me',
  access,
  tags: ['Profile'],
  summary: 'Read my profile',
  request: { headers: z.object({ 'if-none-match': z.string().optional().meta({ description: 'The ETag of the copy at hand' }) }) },
  responses: {
    200: profile,
    304: { description: 'The copy at hand is current' },
    401: problem('No valid access token'),
    404: problem('The account was erased'),
  },
})

export const changeMe = route({
  method: 'patch',
  path: '/v1/me',
  access,
  tags: ['Profile'],
  summary: 'Change my profile',
  description: 'Fields left out stay as they are; `null` clears one.',
  request: {
    headers: z.object({ 'if-match': z.string().optional().meta({ description: 'The ETag of the profile that is to be changed' }) }),
    body: {
      required: true,
      ...json(
        z
          .strictObject({ name: personName.nullable(), phone: phoneNumber.nullable() })
          .partial()
          .refine((patch) => Object.keys(patch).length > 0, 'changes nothing')
          .meta({ minProperties: 1 }),
        'What to change',
      ),
    },
  },
  responses: {
    200: profile,
    400: problem('The body is not valid'),
    401: problem('No valid access token'),
    404: problem('The account was erased'),
    412: problem('The profile has changed since it was read'),
    413: problem('The body is over 1 MiB'),
    415: problem('The body is not JSON'),
  },
})
