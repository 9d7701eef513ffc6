import * as z from 'zod'

/** An amount in minor units (cents) of an ISO 4217 currency; never a float. */
export const money = z.strictObject({
  amount: z.int().min(0).meta({ description: 'In minor units: 1999 is 19.99', example: 1999 }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
    .meta({ example: 'EUR' }),
})
export type Money = z.infer<typeof money>
