import * as z from 'zod'
import { jwks } from '#shared/auth/jwks.ts'
import { databaseUrl, serverSettings } from '#shared/config/settings.ts'

/** What the function reads from its environment. */
export const settings = {
  ...serverSettings,
  DATABASE_URL: databaseUrl,
  JWKS: jwks,
  PAYMENT_GATEWAY_KEY: z.string().regex(/^sk_test_[A-Za-z0-9_]{8,}$/, 'must be sk_test_ and at least 8 letters or digits'),
  GATEWAY_CONTROL: z.enum(['enabled', 'disabled']).default('disabled'),
  /** Where customers reach the gateway's pages; by default where the API is reached. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Seconds before the second attempt to deliver a webhook and before each one after it. */
  WEBHOOK_RETRIES: z
    .string()
    .regex(/^\d{1,6}(,\d{1,6})*$/, 'must be seconds, separated by commas')
    .default('1,5,30,120,600,3600')
    .transform((text) => text.split(',').map((seconds) => Number(seconds) * 1000)),
}
