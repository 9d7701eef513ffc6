import { expect, test } from 'vitest'
import * as z from 'zod'
import { newOrderId } from './order-id.ts'

const at = (milliseconds: number) => newOrderId(new Date(milliseconds))

test('an id is a UUID of version 7 that holds the time it was made', () => {
  const now = new Date('2026-03-01T12:34:56.789Z')
  const id = newOrderId(now)
  expect(z.uuidv7().safeParse(id).success).toBe(true)
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now.getTime())
})

test('ids sort by the millisecond they were made in', () => {
  const times = [0, 1, 255, 256, 65_536, Date.now(), Date.now() + 1, 2 ** 47, 2 ** 48 - 1]
  const ids = times.map(at)
  expect(ids.toSorted()).toEqual(ids)
})

test('ids of one millisecond differ', () => {
  expect(new Set(Array.from({ length: 1_000 }, () => at(1))).size).toBe(1_000)
})
