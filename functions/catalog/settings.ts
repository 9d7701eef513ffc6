import { databaseUrl, serverSettings } from '#shared/config/settings.ts'

/** What this function reads from its environment. */
export const settings = { ...serverSettings, DATABASE_URL: databaseUrl }
