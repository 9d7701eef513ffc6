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
  /** The folder of the pages; by default `assets` beside the bundle. */
  ASSETS_DIR: z.string().optional(),
}
