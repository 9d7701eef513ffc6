// The parts of undici that a pool consists of. Its entry point loads all of it, most of which nothing here uses.
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici'
  export = Pool
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici'
  function request(this: Dispatcher, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>
  export = request
}

declare module 'undici/lib/api/api-stream.js' {
  import type { Dispatcher } from 'undici'
  function stream(this: Dispatcher, options: Dispatcher.RequestOptions, factory: Dispatcher.StreamFactory): Promise<Dispatcher.StreamData>
  export = stream
}
