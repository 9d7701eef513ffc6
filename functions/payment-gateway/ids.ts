import { randomUUID } from 'node:crypto'

const random = () => randomUUID().replaceAll('-', '')

/** An id such as `pi_0mjk3x9a2…`: it begins with the time, so that ids sort in the order they were made. */
export const idAt = (prefix: string, now: Date): string => `${prefix}_${now.getTime().toString(36).padStart(9, '0')}${random().slice(-16)}`

/** The part of a client secret that nobody can guess: 122 bits. */
export const newSecret = (): string => random()
