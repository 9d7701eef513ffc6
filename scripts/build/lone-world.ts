import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../../bench/world.ts'
import { serviceTokens } from '../../shared/auth/service-token.ts'
import { userTokenSigner } from '../../shared/auth/user-token.ts'
import { addAdmin } from '../shop/admin.ts'
import { migrateAll, openDatabases, seedAll } from '../shop/databases.ts'
import { environmentOf } from '../shop/environment.ts'
import { reportProgress } from '../shop/progress.ts'
import { loadSecrets } from '../shop/secrets.ts'
import { isBusy, somePorts } from '../ports.ts'

const EMAIL = 'admin@shop.example'

/**
 * Databases, keys and one account, but no running function: what an image build has, where the sources of one function are
 * all there is. A call to a neighbour is refused there.
 */
export async function openLoneWorld(say: (line: string) => void): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-image-'))
  // PostgreSQL's account, which as root is another one, must get through.
  await chmod(folder, 0o711)
  const removeFolder = () => rm(folder, { recursive: true, force: true })
  try {
    const dataFolder = join(folder, 'data')
    const secrets = loadSecrets(dataFolder)
    const progress = reportProgress(say)
    const databases = await openDatabases({ dataFolder, secrets, mode: 'throwaway', port: 0, given: {}, progress })
    await migrateAll(databases)
    await seedAll(databases)
    await addAdmin(databases, { email: EMAIL, password: secrets.adminPassword })
    const now = () => new Date()
    const sign = userTokenSigner(secrets.keys.accounts, now)
    const account = { id: randomUUID(), roles: ['customer'] as const, sessionId: randomUUID() }
    return {
      environment: async (name) => {
        const [nobody, metricsPort] = [await freePort(), await freePort()]
        const ports = { of: () => nobody, metricsOf: () => metricsPort }
        return environmentOf(name, { ports, databases, secrets })
      },
      customer: { email: EMAIL, password: secrets.adminPassword, token: () => sign({ ...account, roles: [...account.roles] }) },
      order: { id: randomUUID(), paymentIntentId: 'pi_000000000000000000000000' },
      product: 'plain-stoneware-mug',
      sku: 'MUG-0001',
      gatewayKey: secrets.paymentGatewayKey,
      serviceToken: (caller, audience) => serviceTokens(secrets.keys[caller], caller, now)(audience),
      close: async () => {
        await databases.stop()
        await removeFolder()
      },
    }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

async function freePort(): Promise<number> {
  for (const port of somePorts(50)) if (!(await isBusy(port))) return port
  throw new Error('No port is free')
}
