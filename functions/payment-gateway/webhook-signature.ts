import { createHmac } from 'node:crypto'

/** The `Stripe-Signature` of a body sent at `seconds` (Unix time), by which its endpoint knows that nobody else made or kept it. */
export const signatureOf = (body: string, secret: string, seconds: number): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
