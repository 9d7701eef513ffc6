import { randomBytes } from 'node:crypto'

/** An id such as `pi_0mjk3x9a2…`: it begins with the time, so that ids sort in the order they were made. */
export const idAt = (prefix: string, now: Date): string =>
  `${prefix}_${now.getTime().toString(36).padStart(9, '0')}${randomBytes(8).toString('hex')}`

/** The part of a client secret that nobody can guess. */
export const newSecret = (): string => randomBytes(16).toString('hex')
