import * as z from 'zod'
import { functionUrl, serverSettings } from '#shared/config/settings.ts'

/** What this function reads from its environment. */
export const settings = {
  ...serverSettings,
  ACCOUNTS_URL: functionUrl,
  PROFILES_URL: functionUrl,
  CATALOG_URL: functionUrl,
  PRICING_URL: functionUrl,
  STOCK_URL: functionUrl,
  ORDERS_URL: functionUrl,
  ORDER_HISTORY_URL: functionUrl,
  PAYMENT_GATEWAY_URL: functionUrl.optional(),
  /** Whether the payment gateway's page of a test bank is public: only beside one that is no more than a mock. */
  GATEWAY_CONTROL: z.enum(['enabled', 'disabled']).default('disabled'),
  /** The folder of the pages; by default `assets` beside the bundle. */
  ASSETS_DIR: z.string().optional(),
}
