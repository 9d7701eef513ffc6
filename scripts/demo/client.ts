import type { OrderView } from '../../db/orders/view.ts'
import type { Money } from '../../shared/money/money.ts'

/** An answer of the shop; `T` is its body. */
export type Answer<T> = { readonly status: number; readonly headers: Headers; readonly body: T }
export type Order = OrderView
export type Problem = { readonly type: string; readonly declineCode?: string; readonly skus?: string[]; readonly orderId?: string }
export type Request = { readonly token?: string; readonly headers?: Record<string, string>; readonly body?: object }

/** Talks to the shop by its public HTTP, as any client would. */
export type Client = {
  readonly get: <T>(path: string, request?: Omit<Request, 'body'>) => Promise<Answer<T>>
  readonly post: <T>(path: string, request?: Request) => Promise<Answer<T>>
}

/** A client of the shop at `url`; a request that takes longer than half a minute fails. */
export function clientOf(url: string): Client {
  const send = async <T>(method: string, path: string, { token, headers = {}, body }: Request): Promise<Answer<T>> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as T }
  }
  return {
    get: (path, request = {}) => send('GET', path, request),
    post: (path, request = {}) => send('POST', path, request),
  }
}

/** An amount as people write it. */
export const written = ({ amount, currency }: Money): string => `${(amount / 100).toFixed(2)} ${currency}`

/** The code at the end of a problem's type. */
export const codeOf = ({ type }: Problem): string => type.split('/').at(-1) ?? type
