import { userTokenSigner } from '#shared/auth/user-token.ts'
import { openPg } from '#shared/pg/pg.ts'
import { serveHttp } from '#shared/server/http.ts'
import { run } from '#shared/server/run.ts'
import { accountsApp } from './app.ts'
import { limitedHasher } from './hasher.ts'
import { requirePublished } from './keys.ts'
import { newRefreshToken } from './refresh-token.ts'
import { settings } from './settings.ts'
import { accountsStore } from './store.ts'

run('accounts', settings, ({ settings: { DATABASE_URL, JWKS, ACCESS_TOKEN_KEY }, log }) => {
  requirePublished(ACCESS_TOKEN_KEY, JWKS)
  const pg = openPg(DATABASE_URL, { name: 'accounts' })
  const sign = userTokenSigner(ACCESS_TOKEN_KEY, () => new Date())
  const app = accountsApp({ store: accountsStore(pg), hasher: limitedHasher(), sign, newRefreshToken, jwks: JWKS, log })
  return { listen: serveHttp(app, pg.ready), close: pg.close }
})
