import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Listener } from './listener.ts'
import type { ListenOptions } from './run.ts'

/** Serves a plain listener by HTTP/1.1, with `/livez` (the process answers) and `/readyz` (what it needs has answered) beside it. */
export const serveListener =
  (listener: RequestListener, ready: () => Promise<void>) =>
  async ({ host, port, onAnswer }: ListenOptions): Promise<Listener> => {
    const server = createServer((request, response) => {
      if (closing) response.setHeader('connection', 'close')
      if (request.url === '/livez') return void response.end('ok')
      if (request.url === '/readyz') return void answerReady(ready, response)
      response.once('close', onAnswer)
      listener(request, response)
    })
    let closing = false
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
    return {
      port: (server.address() as AddressInfo).port,
      close: (drainMs) =>
        new Promise((resolve) => {
          closing = true
          const cut = setTimeout(() => server.closeAllConnections(), drainMs)
          // A connection turns idle when its last request ends, which may be after this moment.
          const dropIdle = setInterval(() => server.closeIdleConnections(), 20)
          server.close(() => {
            clearTimeout(cut)
            clearInterval(dropIdle)
            resolve()
          })
        }),
    }
  }

const answerReady = (ready: () => Promise<void>, response: ServerResponse) =>
  ready().then(
    () => response.end('ok'),
    () => response.writeHead(503).end('the database does not answer'),
  )
