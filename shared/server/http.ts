import { getRequestListener } from '@hono/node-server'
import { serveListener } from './node-http.ts'

type App = { readonly fetch: (request: Request) => Response | Promise<Response> }

/** Serves an app by HTTP/1.1, with `/livez` (the process answers) and `/readyz` (its database has answered) beside it. */
export function serveHttp(app: App, ready: () => Promise<void>) {
  const listener = getRequestListener(app.fetch)
  return serveListener((request, response) => void listener(request, response), ready)
}
