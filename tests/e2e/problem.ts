import * as z from 'zod'
import type { Answer } from './running-shop.ts'

const problem = z.looseObject({
  type: z.string().regex(/^https:\/\/shop\.example\/problems\/[a-z-]+$/),
  title: z.string().regex(/\w/),
  status: z.int(),
  detail: z.string().regex(/\w/),
  instance: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string().regex(/\w/) })).optional(),
})

const INSIDES = /select |insert |postgres|node_modules|\.ts:|\.cjs:|ECONN/i

/**
 * What is wrong with an answer that ought to be a problem document (RFC 9457) of this status, which leaks nothing of what is
 * inside; with `pointer`, one that complains of that value and of no other.
 */
export function faultsIn({ status, headers, body }: Answer, expected: number, pointer?: string): string[] {
  const type = headers.get('content-type')
  if (status !== expected || type !== 'application/problem+json') return [`${status} ${type} instead of a problem with ${expected}`]
  const parsed = problem.safeParse(body)
  if (!parsed.success) return [z.prettifyError(parsed.error)]
  const { instance, errors = [], ...rest } = parsed.data
  const elsewhere = errors.filter((error) => !error.pointer.startsWith(pointer ?? ''))
  return [
    ...(rest.status === expected ? [] : [`the body says ${rest.status}`]),
    ...(instance === headers.get('x-request-id') ? [] : ['the instance is not the request id']),
    ...(INSIDES.test(JSON.stringify(body)) ? [`it tells of the inside: ${JSON.stringify(body)}`] : []),
    ...(pointer === undefined || errors.length > 0 ? [] : ['it names no value']),
    ...elsewhere.map((error) => `it complains of ${error.pointer} too: ${error.detail}`),
  ]
}
