import * as z from 'zod'

/** What a SKU looks like; whether it exists is another question. */
export const sku = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  .meta({ description: 'Stock keeping unit: names what can be bought', example: 'MUG-0001' })

/** The currency of a price. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
  .meta({ description: 'ISO 4217', example: 'EUR' })
