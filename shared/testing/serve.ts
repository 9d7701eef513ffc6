import { randomInt } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { serveHttp } from '#shared/server/http.ts'

type App = Parameters<typeof serveHttp>[0]

/** Serves an app on a free port of this machine until the test ends; gives its base url. */
export async function serve(app: App, ready: () => Promise<void> = async () => {}): Promise<string> {
  const listen = serveHttp(app, ready)
  for (let tries = 1; ; tries++) {
    try {
      const listener = await listen({ host: '127.0.0.1', port: randomInt(20_000, 32_768), onAnswer: () => {} })
      onTestFinished(() => listener.close(0))
      return `http://127.0.0.1:${listener.port}`
    } catch (error) {
      if (tries === 20) throw error
    }
  }
}
