import type { DatabaseRole } from '../../db/roles.ts'
import type { FunctionName, Service } from '../topology.ts'
import type { Admin } from './admin.ts'
import type { Environment } from './environment.ts'
import type { Fleet } from './fleet.ts'
import type { Secrets } from './secrets.ts'

export type ShopOptions = {
  /** Where the shop keeps its database and its keys. */
  readonly dataFolder: string
  /** The port of the edge, with the others at fixed distances; 0 takes free ones. */
  readonly port?: number
  readonly seed?: boolean
  /** `throwaway` is a database that is fast and removed at the end, for tests. */
  readonly mode?: 'durable' | 'throwaway'
  /** The owner's url of each database that exists elsewhere. */
  readonly databaseUrls?: Readonly<Partial<Record<Service, string>>>
  /** Settings of single functions that differ from what the shop would choose. */
  readonly env?: Readonly<Partial<Record<FunctionName, Environment>>>
  /** The functions to start; all of them unless named. */
  readonly functions?: readonly FunctionName[]
  /** How often the sweeper is called, in milliseconds; 0 never. */
  readonly sweepEveryMs?: number
  /** Builds the bundles first; off when the caller just did. */
  readonly build?: boolean
  readonly admin?: { readonly email?: string | undefined; readonly password?: string | undefined }
  /** Gets each line that a function writes. */
  readonly log?: (line: string) => void
  /** Gets what the shop itself has to say. */
  readonly say?: (line: string) => void
  /** With it, a function that ends by itself is told here, and is not the end of the shop. */
  readonly onDeath?: (message: string) => void
  /** Aborts the start. */
  readonly signal?: AbortSignal
}

/** A running shop. */
export type Shop = Omit<Fleet, 'stop'> & {
  /** The public address. */
  readonly url: string
  readonly names: readonly FunctionName[]
  readonly urls: Readonly<Record<FunctionName, string>>
  readonly metricsUrls: Readonly<Record<FunctionName, string>>
  readonly secrets: Secrets
  readonly admin: Admin
  readonly databaseUrl: (service: Service, role: DatabaseRole) => string
  /** Brings the databases to migrations that were added since. */
  readonly migrate: () => Promise<void>
  /** Settles with a message when a function or PostgreSQL ends without being asked to. */
  readonly ended: Promise<string>
  /** Ends every process of the shop. Calling it again waits for the same end. */
  readonly stop: () => Promise<void>
}
