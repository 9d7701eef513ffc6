import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { Attributes, SpanContext } from '@opentelemetry/api'

/** How a piece of work stands to the process: asked for from outside, asked of a neighbour, or neither. */
export type Kind = 'server' | 'client' | 'internal'

export type Outcome = {
  /** A better name than the one it began with, when it is known only now. */
  readonly name?: string
  readonly attributes?: Attributes
  /** What it failed with. */
  readonly error?: unknown
}

/** A piece of work under way. */
export type Span = {
  readonly context: SpanContext
  /** Runs `work` in this span: what it begins, and what it logs, belongs to it. */
  readonly run: <T>(work: () => T) => T
  readonly end: (outcome?: Outcome) => void
}

/** What records spans: the SDK, when traces are exported. */
export type Recorder = (
  name: string,
  begun: { readonly kind: Kind; readonly parent: SpanContext | undefined; readonly attributes: Attributes },
) => { readonly context: SpanContext; readonly end: (outcome: Outcome) => void }

const current = new AsyncLocalStorage<SpanContext>()
let recorder: Recorder | undefined

/** From now on spans are recorded. Without it a trace only passes through, from the caller's header to every neighbour's and every log line. */
export function recordSpans(by: Recorder | undefined): void {
  recorder = by
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** Reads a `traceparent` header (W3C Trace Context); one that is missing or malformed is no parent. */
export function parseTraceparent(header: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = header?.match(TRACEPARENT) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined || header?.startsWith('ff')) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
}

/** The `traceparent` header that makes a neighbour's work part of this span. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string => `00-${traceId}-${spanId}-0${traceFlags & 1}`

/** The span that the running code belongs to. */
export const currentSpan = (): SpanContext | undefined => current.getStore()

/** Begins a span below `parent`, which is the current one unless given; a request without one begins a trace. */
export function startSpan(
  kind: Kind,
  name: string,
  { parent = current.getStore(), attributes = {} }: { parent?: SpanContext | undefined; attributes?: Attributes } = {},
): Span {
  const recording = recorder?.(name, { kind, parent, attributes })
  const context = recording?.context ?? parent ?? newTrace()
  return { context, run: (work) => current.run(context, work), end: (outcome = {}) => recording?.end(outcome) }
}

const newTrace = (): SpanContext => {
  const ids = randomBytes(24).toString('hex')
  return { traceId: ids.slice(0, 32), spanId: ids.slice(32), traceFlags: 1 }
}
