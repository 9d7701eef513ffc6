import * as z from 'zod'
import { databaseUrl, serverSettings } from '#shared/config/settings.ts'

/** What the function reads from its environment. */
export const settings = {
  ...serverSettings,
  DATABASE_URL: databaseUrl,
  PAYMENT_GATEWAY_KEY: z.string().regex(/^sk_test_[A-Za-z0-9_]{8,}$/, 'must be sk_test_ and at least 8 letters or digits'),
  GATEWAY_CONTROL: z.enum(['enabled', 'disabled']).default('disabled'),
}
