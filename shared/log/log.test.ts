import { DrizzleQueryError } from 'drizzle-orm/errors'
import { expect, test } from 'vitest'
import { createLog, type Log } from './log.ts'

function logged(write: (log: Log) => void, level?: string): { text: string; lines: Record<string, unknown>[] } {
  let text = ''
  write(createLog('catalog', level, { write: (line) => void (text += line) }))
  const lines = text.split('\n').filter(Boolean)
  return { text, lines: lines.map((line) => JSON.parse(line)) }
}

test('a line is JSON that says who wrote it, when and how grave it is', () => {
  const { lines } = logged((log) => log.child({ requestId: 'r-1' }).warn({ orderId: 'o-1' }, 'out of stock'))
  expect(lines).toEqual([
    { level: 'warn', time: expect.any(String), name: 'catalog', requestId: 'r-1', orderId: 'o-1', msg: 'out of stock' },
  ])
  expect(new Date(String(lines[0]?.['time'])).getTime()).toBeCloseTo(Date.now(), -5)
})

test('what is less grave than the level is left out', () => {
  expect(logged((log) => log.info('x'), 'warn').lines).toEqual([])
})

test('what should never have been handed to the log does not reach it', () => {
  const secrets = { password: 's3cret', token: 's3cret', authorization: 's3cret', email: 's3cret' }
  const { text } = logged((log) => log.info({ ...secrets, user: { id: 'u-1', ...secrets } }, 'login'))
  expect(text).not.toContain('s3cret')
  expect(text).toContain('u-1')
})

test('an error is logged with its causes, their codes and stacks', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  const { lines } = logged((log) => log.error({ err: new TypeError('cannot read', { cause }) }, 'request failed'))
  expect(lines[0]?.['err']).toEqual({
    type: 'TypeError',
    message: 'cannot read',
    stack: expect.stringMatching(/^TypeError: cannot read\n {4}at .*log\.test\.ts/),
    cause: {
      type: 'Error',
      message: 'connect ECONNREFUSED',
      code: 'ECONNREFUSED',
      stack: expect.stringMatching(/^Error: connect ECONNREFUSED\n {4}at /),
    },
  })
})

test('the parameters of a statement stay out of the log, whatever they contain', () => {
  const parameters = ['ada@shop.example', 'two\nparams: lines', "$& $' $`"]
  for (const sql of ['select $1', "select '$&' || $1", "select $$ $` $' $$"]) {
    const { text } = logged((log) => log.error({ err: new DrizzleQueryError(sql, parameters, new Error('boom')) }, 'failed'))
    expect(text).toContain(JSON.stringify(sql).slice(1, -1))
    expect(text).toContain('boom')
    expect(text).not.toMatch(/ada@|lines/)
  }
})

test('also what is no error is logged when it is thrown', () => {
  expect(logged((log) => log.error({ err: 'just text' }, 'failed')).lines[0]?.['err']).toBe('just text')
})
