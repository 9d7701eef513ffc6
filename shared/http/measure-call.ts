import { histogram } from '#shared/telemetry/metrics.ts'
import { startSpan, traceparentOf } from '#shared/telemetry/trace.ts'
import { methodLabel } from './measure-request.ts'

const duration = histogram('http.client.request.duration', { description: 'Duration of calls to other functions', unit: 's' })

export type Call<T> = (
  /** The header by which the neighbour's work becomes part of this trace. */
  traceparent: string,
  /** To be told the status of the answer. */
  answered: (status: number) => void,
) => Promise<T>

/** Makes an HTTP call to the function `peer`, measured by neighbour and status, as a span of the current trace. */
export async function measureCall<T>(peer: string, method: string, call: Call<T>): Promise<T> {
  const start = performance.now()
  const attributes: Record<string, string | number> = { 'http.request.method': methodLabel(method), 'service.peer.name': peer }
  const span = startSpan('client', `${methodLabel(method)} ${peer}`, { attributes })
  const answered = (status: number) => {
    attributes['http.response.status_code'] = status
  }
  try {
    const result = await span.run(() => call(traceparentOf(span.context), answered))
    span.end({ attributes })
    return result
  } catch (error) {
    attributes['error.type'] = error instanceof Error ? error.name : 'other'
    span.end({ attributes, error })
    throw error
  } finally {
    duration.record((performance.now() - start) / 1000, attributes)
  }
}
