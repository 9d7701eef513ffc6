import type { Dispatcher, Pool as UndiciPool } from 'undici'
import request from 'undici/lib/api/api-request.js'
import stream from 'undici/lib/api/api-stream.js'
import Pool from 'undici/lib/dispatcher/pool.js'

/** Kept connections to one other function. */
export type HttpPool = {
  /** Asks, and gives the answer once its head is there. */
  readonly request: (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>
  /** Asks, and writes the answer's body to what `factory` makes of its head. */
  readonly stream: (options: Dispatcher.RequestOptions, factory: Dispatcher.StreamFactory) => Promise<unknown>
  /** Resolves when the requests under way are answered. */
  readonly close: () => Promise<void>
  /** Cuts the requests under way. */
  readonly destroy: () => Promise<void>
}

/**
 * Opens undici's pool with no more of undici than it needs: all of it would cost a cold function some 25 ms. No connection is
 * made before the first request.
 */
export function openPool(url: string, options: UndiciPool.Options): HttpPool {
  const pool = new Pool(url, { ...options, allowH2: false })
  return {
    request: (asked) => request.call(pool, asked),
    stream: (asked, factory) => stream.call(pool, asked, factory),
    close: () => pool.close(),
    destroy: () => pool.destroy(),
  }
}
