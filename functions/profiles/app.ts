import type { Jwks } from '#shared/auth/jwks.ts'
import { createApp } from '#shared/http/create-app.ts'
import { isUnmodified, wantedTags } from '#shared/http/etag.ts'
import type { Log } from '#shared/log/log.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import { changeMe, getMe } from './routes.ts'
import type { Profile, ProfilesStore } from './store.ts'

export type Deps = { readonly store: ProfilesStore; readonly log: Log; readonly jwks: Jwks }

/** Lets people read and change what they told about themselves. */
export function profilesApp({ store, log, jwks }: Deps) {
  const app = createApp({ name: 'profiles', log, jwks })

  app.openapi(getMe, async (c) => {
    const profile = await store.find(c.var.user.id)
    if (!profile) throw erased()
    c.header('cache-control', 'private, no-cache')
    if (isUnmodified(c, profile.tag)) return c.body(null, 304)
    return c.json(view(profile), 200)
  })

  app.openapi(changeMe, async (c) => {
    const result = await store.change(c.var.user.id, c.req.valid('json'), wantedTags(c.req.valid('header')['if-match']))
    if (result === 'erased') throw erased()
    if (result === 'stale') throw new Problem(problems.preconditionFailed)
    return c.json(view(result), 200, { etag: result.tag })
  })

  return app
}

const erased = () => new Problem(problems.notFound, 'The account of this token was erased')

const view = ({ id, email, name, phone, createdAt, updatedAt }: Profile) => ({
  id,
  email,
  name,
  phone,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})
