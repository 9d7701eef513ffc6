import type { RequestListener, ServerResponse } from 'node:http'
import { measureRequest, methodLabel } from '#shared/http/measure-request.ts'
import { chooseRequestId } from '#shared/http/request-id.ts'
import type { Log } from '#shared/log/log.ts'
import { Problem, problems } from '#shared/problem/problem.ts'
import { parseTraceparent, startSpan } from '#shared/telemetry/trace.ts'
import { pages, sendPage } from './pages.ts'
import type { Proxy } from './proxy.ts'
import { findDestination } from './routes.ts'

/** `mock` makes the pages of a payment gateway public that is a mock. */
export type Deps = { readonly proxy: Proxy; readonly assets: string; readonly log: Log; readonly mock?: boolean }

/** The public host: streams each public path to its function and answers all else itself. */
export function edgeApp({ proxy, assets, log, mock = false }: Deps): RequestListener {
  return (request, response) => {
    const requestId = chooseRequestId(request.headers['x-request-id']?.toString())
    const url = parse(request.url)
    const route = plan(request.method ?? 'GET', url?.pathname, mock)
    const method = methodLabel(request.method ?? 'GET')
    const measured = measureRequest(method)
    const span = startSpan('server', method, { parent: parseTraceparent(request.headers['traceparent']?.toString()) })
    response.once('close', () => {
      const status = response.headersSent ? response.statusCode : 499
      measured(route.path, status)
      const attributes = { 'http.request.method': method, 'http.route': route.path, 'http.response.status_code': status }
      span.end({ name: `${method} ${route.path}`, attributes, ...(status >= 500 ? { error: new Error(`answered ${status}`) } : {}) })
    })
    response.setHeader('x-request-id', requestId)

    void span.run(() =>
      answer().catch((error: unknown) => fail(error, response, { requestId, log: log.child({ requestId, route: route.path }) })),
    )

    async function answer() {
      if (url === undefined) throw new Problem(problems.validationFailed, 'The request target is not a path')
      if ('problem' in route) throw route.problem
      if ('page' in route) return sendPage(assets, route.page, request, response)
      return proxy.forward(request, response, { to: route.to, path: url.pathname + url.search, requestId })
    }
  }
}

/** Where a request leads. Paths nobody has are one route, so that guessing makes no metrics. */
function plan(method: string, pathname = '', mock = false) {
  const page = pages[pathname]
  if (page)
    return method === 'GET' || method === 'HEAD' ? { path: pathname, page } : { path: pathname, problem: notAllowed(method, 'GET, HEAD') }
  const destination = findDestination(method, pathname, { mock })
  if (!destination) return { path: '/*', problem: new Problem(problems.notFound, 'No such route') }
  return 'allow' in destination ? { path: destination.path, problem: notAllowed(method, destination.allow) } : destination
}

const notAllowed = (method: string, allow: string) =>
  new Problem(problems.methodNotAllowed, `${method} is not supported here`, { headers: { allow } })

/** The request target with dots resolved as a function would, so that no path means one thing here and another there. */
function parse(target = '/'): URL | undefined {
  return URL.parse(target.startsWith('/') ? `http://edge${target}` : target) ?? undefined
}

function fail(error: unknown, response: ServerResponse, { requestId, log }: { requestId: string; log: Log }) {
  const problem = error instanceof Problem ? error : new Problem(problems.internal, undefined, { cause: error })
  if (response.headersSent || response.destroyed) {
    log.warn({ err: error }, 'an answer broke off')
    return void response.destroy()
  }
  if (problem.type.status >= 500) log.error({ err: problem.cause }, 'request failed')
  void send(problem.toResponse(requestId), response)
  // What is left of a body is taken in, or a client that still sends could not read the answer.
  response.req.resume()
}

async function send(answer: Response, response: ServerResponse) {
  const body = await answer.text()
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body)
}
