import { expect, onTestFinished, test } from 'vitest'
import { currentSpan, type Outcome, parseTraceparent, recordSpans, startSpan, traceparentOf } from './trace.ts'

const header = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('a traceparent is read and written as W3C Trace Context says', () => {
  const parent = parseTraceparent(header)
  expect(parent).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 })
  expect(parent && traceparentOf(parent)).toBe(header)
})

test.each([
  undefined,
  '',
  'x',
  header.slice(1),
  `${header}-00`,
  header.toUpperCase(),
  header.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
  header.replace('b7ad6b7169203331', '0'.repeat(16)),
  header.replace(/^00/, 'ff'),
])('%s is no parent', (malformed) => {
  expect(parseTraceparent(malformed)).toBeUndefined()
})

test('while nothing is recorded a trace passes through unchanged, also across awaits', async () => {
  const parent = parseTraceparent(header)
  const span = startSpan('server', 'GET', { parent })
  const seen = await span.run(async () => {
    await Promise.resolve()
    return [currentSpan(), startSpan('client', 'call').context]
  })
  expect(seen).toEqual([parent, parent])
  expect(currentSpan()).toBeUndefined()
})

test('a request without a trace begins one of its own', () => {
  const [first, second] = [startSpan('server', 'GET'), startSpan('server', 'GET')]
  expect(parseTraceparent(traceparentOf(first.context))).toBeDefined()
  expect(first.context.traceId).not.toBe(second.context.traceId)
})

test('recorded spans nest, and tell what they failed with', () => {
  const ended: { name: string; parent: string | undefined; outcome: Outcome }[] = []
  let ids = 0
  recordSpans((name, { parent }) => ({
    context: { traceId: 't'.repeat(32), spanId: `span-${ids++}`, traceFlags: 1 },
    end: (outcome) => ended.push({ name, parent: parent?.spanId, outcome }),
  }))
  onTestFinished(() => recordSpans(undefined))
  const error = new Error('away')
  const outer = startSpan('server', 'outer')
  outer.run(() => startSpan('client', 'inner').end({ error }))
  outer.end({ name: 'GET /' })
  expect(ended).toEqual([
    { name: 'inner', parent: 'span-0', outcome: { error } },
    { name: 'outer', parent: undefined, outcome: { name: 'GET /' } },
  ])
})
