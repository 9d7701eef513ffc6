import { randomInt } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { serveHttp } from '#shared/server/http.ts'
import type { Listener } from '#shared/server/listener.ts'
import type { ListenOptions } from '#shared/server/run.ts'

type App = Parameters<typeof serveHttp>[0]

/** Listens on a port that no outgoing connection is given; one that is taken already is replaced by another. */
export async function listenOnTestPort(listen: (options: ListenOptions) => Promise<Listener>): Promise<Listener> {
  for (let tries = 1; ; tries++) {
    try {
      return await listen({ host: '127.0.0.1', port: randomInt(20_000, 32_768), onAnswer: () => {} })
    } catch (error) {
      if (tries === 20) throw error
    }
  }
}

/** Serves an app on a free port of this machine until the test ends; gives its base url. */
export async function serve(app: App, ready: () => Promise<void> = async () => {}): Promise<string> {
  const listener = await listenOnTestPort(serveHttp(app, ready))
  onTestFinished(() => listener.close(0))
  return `http://127.0.0.1:${listener.port}`
}
