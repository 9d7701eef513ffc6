import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Listener } from './listener.ts'
import type { ListenOptions } from './run.ts'

/** A connection that was opened ahead of need and never used does not hold up the end; one just opened gets to ask. */
const SILENT_MS = 500

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
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
    return {
      port: (server.address() as AddressInfo).port,
      close: (drainMs) =>
        new Promise((resolve) => {
          closing = true
          const cut = setTimeout(() => server.closeAllConnections(), drainMs)
          // A connection turns idle when its last request ends, which may be after this moment.
          const dropIdle = setInterval(() => server.closeIdleConnections(), 20)
          // Node takes a connection that has not sent anything yet for one with a request under way.
          const dropSilent = setTimeout(() => {
            for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
          }, SILENT_MS)
          server.close(() => {
            clearTimeout(cut)
            clearTimeout(dropSilent)
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
