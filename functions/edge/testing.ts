import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request as ask, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { createLog } from '#shared/log/log.ts'
import { serveListener } from '#shared/server/node-http.ts'
import { edgeApp } from './app.ts'
import { openProxy, type ProxyOptions } from './proxy.ts'
import type { Upstream } from './routes.ts'

/** Unlike a `RequestListener` it may take its time. */
type Listener = (...exchange: Parameters<RequestListener>) => unknown
type Seen = { readonly upstream: string; readonly host: string; readonly request: IncomingMessage }

/** An edge in front of one small real server per function; `urls` puts others in their place. */
export async function shop(
  listener: Listener,
  urls: Partial<Record<Upstream, string>> = {},
  options: ProxyOptions & { mock?: boolean } = {},
) {
  const seen: Seen[] = []
  const start = async (upstream: string) => {
    const server = createServer((request, response) => {
      seen.push({ upstream, host: `127.0.0.1:${(server.address() as AddressInfo).port}`, request })
      listener(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const names: Upstream[] = ['accounts', 'profiles', 'catalog', 'pricing', 'stock', 'orders', 'order-history', 'payment-gateway']
  const running = await Promise.all(names.map(async (name) => [name, urls[name] ?? (await start(name))] as const))
  const proxy = openProxy(Object.fromEntries(running) as Record<Upstream, string>, options)
  const app = edgeApp({ proxy, mock: options.mock ?? false, assets: await somePages(), log: createLog('test', 'silent') })
  const edge = await serveListener(app, async () => {})({ host: '127.0.0.1', port: 0, onAnswer: () => {} })
  onTestFinished(async () => {
    await edge.close(0)
    await proxy.close()
  })
  return { edge: `http://127.0.0.1:${edge.port}`, seen }
}

async function somePages(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const file of ['index.html', 'docs.html', 'scalar.js', 'openapi.json']) await writeFile(join(folder, file), file)
  return folder
}

type Sent = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: Buffer }

/** Asks with the path exactly as given: a URL would resolve its dots. */
export function begin(edge: string, path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<IncomingMessage> {
  const { port } = new URL(edge)
  return new Promise((resolve, reject) => {
    const length = body ? { 'content-length': String(body.length) } : {}
    ask({ host: '127.0.0.1', port, path, method, headers: { ...length, ...headers } }, resolve)
      .once('error', reject)
      .end(body)
  })
}

/** Asks and reads the whole answer. */
export async function send(edge: string, path: string, options?: Sent) {
  const answer = await begin(edge, path, options)
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}
