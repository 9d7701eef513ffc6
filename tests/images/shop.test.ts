import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { userTokenSigner } from '#shared/auth/user-token.ts'
import { freePort } from '#shared/testing/port.ts'
import { until } from '#shared/testing/until.ts'
import { databaseRoles, roleName } from '../../db/roles.ts'
import { type Postgres, startPostgres } from '../../scripts/postgres.ts'
import { loadSecrets, publicKeys, type Secrets } from '../../scripts/shop/secrets.ts'
import type { Service } from '../../scripts/topology.ts'
import { orderOf, send } from '../e2e/running-shop.ts'
import { type Container, type Env, runToEnd, startContainer } from './containers.ts'
import { buildImage } from './images.ts'
import { makeStandIns } from './stand-in.ts'
import { mustRun, whyNot } from './tools.ts'

const missing = whyNot()
const wanted = ['reservations', 'payment-gateway', 'orders'] as const
type Wanted = (typeof wanted)[number]
const databases = { reservations: 'inventory', 'payment-gateway': 'payments', orders: 'orders' } as const

describe.skipIf(missing !== undefined && !mustRun)(
  `three functions as containers${missing === undefined ? '' : ` (left out: ${missing})`}`,
  () => {
    let folder = ''
    let postgres: Postgres
    let secrets: Secrets
    const ports = {} as Record<Wanted, number>
    const containers = new Map<Wanted, Container>()

    beforeAll(async () => {
      await makeStandIns()
      for (const image of ['migrate', ...wanted] as const) await buildImage(image)
      folder = mkdtempSync(join(tmpdir(), 'shop-containers-'))
      chmodSync(folder, 0o711)
      secrets = loadSecrets(join(folder, 'secrets'))
      const password = secrets.superuserPassword
      postgres = await startPostgres({ dataFolder: join(folder, 'data'), password, mode: 'throwaway' })
      for (const name of wanted) ports[name] = await freePort()
    }, 30 * 60_000)
    afterAll(async () => {
      for (const container of containers.values()) await container.remove()
      await postgres?.stop()
      if (folder) rmSync(folder, { recursive: true, force: true })
    })

    test('the job makes roles and schema of an empty server, and changes nothing when it runs again', async () => {
      for (const service of Object.values(databases)) {
        const passwords = passwordFolder(service)
        const env = { SERVICE: service, PGHOST: '127.0.0.1', PGPORT: String(postgres.port), PASSWORDS_DIR: '/passwords', SEED: 'yes' }
        for (const _ of ['first', 'again']) {
          expect(await runToEnd('migrate', env, { mounts: { '/passwords': passwords } })).toBe(
            `The database of ${service} is at its newest migration`,
          )
        }
      }
    })

    test.each(wanted)('%s starts with nothing to write to and as nobody, and is soon ready', async (name) => {
      const startedAt = performance.now()
      const container = await startContainer(name, environmentOf(name))
      containers.set(name, container)
      const ended = container
        .ended()
        .then(async (code) => Promise.reject(new Error(`${name} ended with ${code}: ${await container.logs()}`)))
      const listening = until(`${name} listens`, async () => (await container.logs()).includes('"msg":"listening"'), 20_000)
      ended.catch(() => {})
      await Promise.race([listening, ended])
      console.log(`${name} listened ${Math.round(performance.now() - startedAt)} ms after podman was asked to run it`)
      const status = await container.exec('node', '-p', 'require("fs").readFileSync("/proc/1/status", "utf8")')
      expect(await container.exec('node', '-p', 'require("fs").readFileSync("/proc/1/cmdline", "utf8")')).toBe('node\0main.cjs\0')
      expect(status).toMatch(/^Uid:\s+65532\s+65532\s+65532\s+65532$/m)
      expect(status).toMatch(/^CapEff:\s+0+$/m)
      await expect(container.exec('node', '-e', 'require("fs").writeFileSync("/app/x", "")')).rejects.toThrow(/EROFS|EACCES/)
      await expect(container.exec('node', '-e', 'require("fs").writeFileSync("/tmp/x", "")')).rejects.toThrow(/EROFS/)
    })

    test('an order goes through all three', async () => {
      const id = '019a0000-0000-7000-8000-000000000001'
      const sign = userTokenSigner(secrets.keys.accounts, () => new Date())
      const token = await sign({ id, roles: ['customer'], sessionId: '019a0000-0000-7000-8000-000000000002' })
      const headers = { 'idempotency-key': 'an-order-of-containers' }
      const placed = await send(`http://127.0.0.1:${ports.orders}/v1/orders`, 'POST', { token, headers, body: orderOf('MUG-0001') })
      expect(placed).toMatchObject({ status: 201, body: { status: 'paid' } })
    })

    test.each(wanted)('%s, the first process of its container, ends in order within 5 seconds of SIGTERM', async (name) => {
      const container = containers.get(name)
      const { exitCode, ms } = (await container?.terminate()) ?? {}
      console.log(`${name} ended ${Math.round(ms ?? 0)} ms after SIGTERM`)
      expect(exitCode).toBe(0)
      expect(ms).toBeLessThan(5_000)
    })

    function environmentOf(name: Wanted): Env {
      const service = databases[name]
      const role = roleName(service, 'writer')
      return {
        HOST: '127.0.0.1',
        PORT: String(ports[name]),
        METRICS_PORT: '0',
        DATABASE_URL: `postgres://${role}:${secrets.databasePasswords[service].writer}@127.0.0.1:${postgres.port}/${service}`,
        JWKS: publicKeys(secrets),
        ...(name === 'reservations' ? {} : { PAYMENT_GATEWAY_KEY: secrets.paymentGatewayKey }),
        ...(name === 'orders'
          ? {
              SERVICE_KEY: JSON.stringify(secrets.keys.orders),
              RESERVATIONS_URL: `http://127.0.0.1:${ports.reservations}`,
              PAYMENT_GATEWAY_URL: `http://127.0.0.1:${ports['payment-gateway']}`,
            }
          : {}),
      }
    }

    /** The passwords as Kubernetes mounts them: one file each, which the user of the container can read. */
    function passwordFolder(service: Service): string {
      const passwords = mkdtempSync(join(tmpdir(), 'shop-passwords-'))
      chmodSync(passwords, 0o755)
      writeFileSync(join(passwords, 'superuser-password'), secrets.superuserPassword, { mode: 0o644 })
      for (const role of databaseRoles)
        writeFileSync(join(passwords, `${role}-password`), secrets.databasePasswords[service][role], { mode: 0o644 })
      return passwords
    }
  },
)
