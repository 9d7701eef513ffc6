import { signingKey } from '#shared/auth/jwks.ts'
import { databaseUrl, functionUrl, serverSettings } from '#shared/config/settings.ts'

/** What this function reads from its environment. */
export const settings = {
  ...serverSettings,
  DATABASE_URL: databaseUrl,
  ORDERS_URL: functionUrl,
  PAYMENT_GATEWAY_URL: functionUrl,
  SERVICE_KEY: signingKey,
}
