import type { Role, Service } from '../topology.ts'

export type NewFunction = { readonly name: string; readonly service: Service; readonly role: Role }

const words = (name: string) => name.split('-')
const pascal = (name: string) =>
  words(name)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
const camel = (name: string) => pascal(name).charAt(0).toLowerCase() + pascal(name).slice(1)

/** The files of a function that answers one route from its database: small, whole, and to be replaced piece by piece. */
export function filesOf({ name, service, role }: NewFunction): Record<string, string> {
  return {
    'README.md': readme(name, service, role),
    'settings.ts': settings,
    'routes.ts': routes(name),
    'store.ts': store(name),
    'app.ts': app(name),
    'main.ts': main(name),
    [`${name}.int.test.ts`]: test(name, service, role),
  }
}

const readme = (name: string, service: Service, role: Role) => `# ${name}

Says what the clock of the ${service} database shows.

| route | who | answer |
|---|---|---|
| \`GET /v1/${name}\` | staff | \`{ now }\` |

Settings: \`DATABASE_URL\` (role \`${service}_${role}\`), \`JWKS\`.
`

const settings = `import { jwks } from '#shared/auth/jwks.ts'
import { databaseUrl, serverSettings } from '#shared/config/settings.ts'

/** What this function reads from its environment. */
export const settings = { ...serverSettings, DATABASE_URL: databaseUrl, JWKS: jwks }
`

const routes = (name: string) => `import * as z from 'zod'
import { json, problem, route } from '#shared/http/route.ts'

/** What the clock of the database shows. */
export const get${pascal(name)} = route({
  method: 'get',
  path: '/v1/${name}',
  access: { roles: ['staff'] },
  summary: 'Read the clock of the database',
  request: { query: z.strictObject({}) },
  responses: {
    200: json(z.object({ now: z.iso.datetime() }), 'The time'),
    401: problem('No valid access token'),
    403: problem('The caller is not of the staff'),
  },
})
`

const store = (name: string) => `import { sql } from 'drizzle-orm'
import type { Pg } from '#shared/pg/pg.ts'

export type ${pascal(name)}Store = ReturnType<typeof ${camel(name)}Store>

/** All SQL of this function. */
export function ${camel(name)}Store(pg: Pg) {
  const now = pg.statement<{ now: string }>('${name}.now', sql\`select now()\`)
  return {
    /** The time by the clock of the database. */
    now: async (): Promise<Date> => {
      const [row] = await now()
      if (!row) throw new Error('The database did not say the time')
      return new Date(row.now)
    },
  }
}
`

const app = (name: string) => `import type { Jwks } from '#shared/auth/jwks.ts'
import { createApp } from '#shared/http/create-app.ts'
import type { Log } from '#shared/log/log.ts'
import { get${pascal(name)} } from './routes.ts'
import type { ${pascal(name)}Store } from './store.ts'

export type Deps = { readonly store: ${pascal(name)}Store; readonly log: Log; readonly jwks: Jwks }

/** Answers the staff with the time. */
export function ${camel(name)}App({ store, log, jwks }: Deps) {
  const app = createApp({ name: '${name}', log, jwks })

  app.openapi(get${pascal(name)}, async (c) => c.json({ now: (await store.now()).toISOString() }, 200))

  return app
}
`

const main = (name: string) => `import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { ${camel(name)}App } from './app.ts'
import { settings } from './settings.ts'
import { ${camel(name)}Store } from './store.ts'

run('${name}', settings, ({ settings: { DATABASE_URL, JWKS }, log }) => {
  const pg = openPg(DATABASE_URL, { name: '${name}' })
  const app = ${camel(name)}App({ store: ${camel(name)}Store(pg), log, jwks: JWKS })
  return { listen: serveHttp(app, pg.ready), close: pg.close }
})
`

const test = (name: string, service: Service, role: Role) => `import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '#shared/log/log.ts'
import { openPg } from '#shared/pg/pg.ts'
import { freshDatabase } from '#shared/testing/database.ts'
import { testIdentity } from '#shared/testing/identity.ts'
import { ${camel(name)}App } from './app.ts'
import { ${camel(name)}Store } from './store.ts'

const identity = testIdentity()

test('the staff reads the time of the database, and nobody else does', async () => {
  const get = await setup()
  const answer = await get(await identity.userToken(randomUUID(), ['staff']))
  expect([answer.status, await answer.json()]).toEqual([200, { now: expect.stringMatching(/^20.*Z$/) }])
  expect((await get(await identity.userToken(randomUUID()))).status).toBe(403)
  expect((await get('forged')).status).toBe(401)
})

async function setup() {
  const { ${role === 'writer' ? 'url' : 'readerUrl'} } = await freshDatabase('${service}')
  const pg = openPg(${role === 'writer' ? 'url' : 'readerUrl'}, { name: 'test' })
  onTestFinished(pg.close)
  const app = ${camel(name)}App({ store: ${camel(name)}Store(pg), log: createLog('test', 'silent'), jwks: identity.jwks })
  return (token: string) => app.request('/v1/${name}', { headers: { authorization: \`Bearer \${token}\` } })
}
`
