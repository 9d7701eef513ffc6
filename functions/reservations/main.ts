import { serviceVerifier } from '#shared/auth/service-token.ts'
import { openPg } from '#shared/pg/pg.ts'
import { serveGrpc } from '#shared/server/grpc.ts'
import { run } from '#shared/server/run.ts'
import { reservationsRpc } from './rpc.ts'
import { settings } from './settings.ts'
import { reservationsStore } from './store.ts'

run('reservations', settings, ({ settings, log }) => {
  const pg = openPg(settings.DATABASE_URL, { name: 'reservations' })
  const verifyCaller = serviceVerifier(settings.JWKS, 'reservations', ['orders'])
  const services = [reservationsRpc(reservationsStore(pg))]
  return { listen: serveGrpc({ services, verifyCaller, ready: pg.ready, log }), close: pg.close }
})
