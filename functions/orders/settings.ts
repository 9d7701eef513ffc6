import * as z from 'zod'
import { jwks, signingKey } from '#shared/auth/jwks.ts'
import { databaseUrl, functionUrl, serverSettings } from '#shared/config/settings.ts'

/** What this function reads from its environment. */
export const settings = {
  ...serverSettings,
  DATABASE_URL: databaseUrl,
  JWKS: jwks,
  SERVICE_KEY: signingKey,
  RESERVATIONS_URL: functionUrl,
  PAYMENT_GATEWAY_URL: functionUrl,
  PAYMENT_GATEWAY_KEY: z.string().min(1),
}
