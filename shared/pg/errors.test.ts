import { DrizzleQueryError } from 'drizzle-orm/errors'
import { expect, test } from 'vitest'
import { isUnavailable } from './errors.ts'

const withCode = (code: unknown) => Object.assign(new Error('failed'), { code })

test.each([
  ['nobody listens', 'ECONNREFUSED'],
  ['the name does not resolve', 'ENOTFOUND'],
  ['the name does not resolve for now', 'EAI_AGAIN'],
  ['the host does not answer', 'ETIMEDOUT'],
  ['the host cannot be reached', 'EHOSTUNREACH'],
  ['connecting took too long', 'CONNECT_TIMEOUT'],
  ['the connection broke', 'ECONNRESET'],
  ['the connection was closed', 'CONNECTION_CLOSED'],
  ['the server rejects connections', '08004'],
  ['an administrator ends the session', '57P01'],
  ['the server starts', '57P03'],
  ['no connection is left', '53300'],
])('when %s the database is unavailable, and another try may help', (_, code) => {
  expect(isUnavailable(withCode(code))).toBe(true)
  expect(isUnavailable(new DrizzleQueryError('select 1', [], withCode(code)))).toBe(true)
})

test.each([
  ['a unique index refuses', withCode('23505')],
  ['a statement is wrong', withCode('42601')],
  ['a code is a number, as of gRPC', withCode(14)],
  ['there is no code', new Error('failed')],
  ['it is no error', 'ECONNREFUSED'],
  ['there is nothing', undefined],
])('when %s it is not unavailable', (_, error) => {
  expect(isUnavailable(error)).toBe(false)
})
