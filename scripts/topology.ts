/** The databases; a service is what owns one. */
export const services = ['users', 'inventory', 'orders', 'payments'] as const
export type Service = (typeof services)[number]

/** What a function may do in its database: a writer reads and writes rows, a reader reads them. */
export type Role = 'writer' | 'reader'

export type FunctionInfo = {
  /** The service whose database it opens, and as what; `null` opens none. */
  readonly database: { readonly service: Service; readonly role: Role } | null
  readonly protocol: 'http' | 'grpc'
  /** Added to the shop's port on one machine; the function's metrics port is 100 above its own. */
  readonly offset: number
  /** The functions it calls; a service token for any other audience is never minted nor accepted. */
  readonly calls: readonly string[]
}

/** The functions whose routes the public host offers. */
export const publicFunctions = ['accounts', 'profiles', 'catalog', 'pricing', 'stock', 'orders', 'order-history'] as const

/** Every function of the shop, with the database it opens and the calls it makes. */
export const topology = {
  // The gateway's page of a test bank is public only while tests may steer it.
  edge: { database: null, protocol: 'http', offset: 0, calls: [...publicFunctions, 'payment-gateway'] },
  accounts: { database: { service: 'users', role: 'writer' }, protocol: 'http', offset: 1, calls: [] },
  profiles: { database: { service: 'users', role: 'writer' }, protocol: 'http', offset: 2, calls: [] },
  catalog: { database: { service: 'inventory', role: 'writer' }, protocol: 'http', offset: 3, calls: [] },
  pricing: { database: { service: 'inventory', role: 'writer' }, protocol: 'http', offset: 4, calls: [] },
  stock: { database: { service: 'inventory', role: 'writer' }, protocol: 'http', offset: 5, calls: [] },
  reservations: { database: { service: 'inventory', role: 'writer' }, protocol: 'grpc', offset: 6, calls: [] },
  orders: { database: { service: 'orders', role: 'writer' }, protocol: 'http', offset: 7, calls: ['reservations', 'payment-gateway'] },
  'order-history': { database: { service: 'orders', role: 'reader' }, protocol: 'http', offset: 8, calls: [] },
  'order-sweeper': { database: { service: 'orders', role: 'reader' }, protocol: 'http', offset: 9, calls: ['orders', 'payment-gateway'] },
  'payment-gateway': { database: { service: 'payments', role: 'writer' }, protocol: 'http', offset: 10, calls: [] },
} as const satisfies Record<string, FunctionInfo>

export type FunctionName = keyof typeof topology
export const functionNames = Object.keys(topology) as FunctionName[]
