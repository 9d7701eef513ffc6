import { request as send } from 'undici'
import { findDestination } from '../../functions/edge/routes.ts'
import type { Answer, Client, Request } from '../demo/client.ts'

export type Target = {
  /** Where requests are sent: the edge, or the ingress of a cluster. */
  readonly url: string
  /** With it each request names its function's own host, `<function>.<suffix>`, and passes the edge by. */
  readonly hostSuffix?: string | undefined
}

/** A function that has to start first, and those it calls, may take this long. */
const PATIENCE_MS = 60_000

/** A client of a shop anywhere, by the edge or by the functions' hosts. */
export function targetClient({ url, hostSuffix }: Target): Client {
  const ask = async <T>(method: 'GET' | 'POST', path: string, { token, headers = {}, body }: Request): Promise<Answer<T>> => {
    const answer = await send(new URL(path, url), {
      method,
      headers: {
        ...(hostSuffix === undefined ? {} : { host: hostOf(method, path, hostSuffix) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: new Headers(flat(answer.headers)), body: parse(text, answer.statusCode) as T }
  }
  return {
    get: (path, request = {}) => ask('GET', path, request),
    post: (path, request = {}) => ask('POST', path, request),
  }
}

/** The host by which Knative knows the function that a path belongs to. */
function hostOf(method: string, path: string, suffix: string): string {
  const found = findDestination(method, new URL(path, 'http://shop').pathname)
  return `${found && 'to' in found ? found.to : 'edge'}.${suffix}`
}

const flat = (headers: Readonly<Record<string, string | string[] | undefined>>) =>
  Object.entries(headers).map(([name, value]): [string, string] => [name, [value ?? ''].flat().join(', ')])

function parse(text: string, status: number): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`the answer is ${status} and no JSON, so none of the shop: ${text.slice(0, 200)}`)
  }
}
