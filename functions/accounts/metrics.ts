import { counter } from '#shared/telemetry/metrics.ts'

const byOutcome = (name: string, description: string, unit: string, outcomes: readonly string[]) =>
  counter(name, { description, unit, zero: outcomes.map((outcome) => ({ outcome })) })

export const registrations = byOutcome('shop.registrations', 'Registrations by outcome', '{registration}', ['registered', 'email_taken'])
export const logins = byOutcome('shop.logins', 'Logins by outcome', '{login}', ['succeeded', 'wrong_credentials', 'throttled'])
export const refreshes = byOutcome('shop.token.refreshes', 'Uses of refresh tokens by outcome', '{refresh}', [
  'rotated',
  'reused',
  'refused',
])
