import { defineConfig } from 'drizzle-kit'

const service = process.env['SERVICE']
if (!service) throw new Error('Set SERVICE to the service whose migrations are to be generated, for example SERVICE=orders')

export default defineConfig({ dialect: 'postgresql', schema: `./db/${service}/schema.ts`, out: `./db/${service}/migrations` })
