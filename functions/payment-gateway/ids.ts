import { randomUUID } from 'node:crypto'

const random = () => randomUUID().replaceAll('-', '')

/**
 * An id such as `pi_0mjk3x9a2…`: it begins with the time, so that ids sort in the order they were made; `index` (up to 255) orders
 * those of one moment.
 */
export function idAt(prefix: string, now: Date, index?: number): string {
  const order = index === undefined ? '' : index.toString(16).padStart(2, '0')
  return `${prefix}_${now.getTime().toString(36).padStart(9, '0')}${order}${random().slice(order.length - 16)}`
}

/** The part of a client secret that nobody can guess: 122 bits. */
export const newSecret = (): string => random()
