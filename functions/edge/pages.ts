import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

type Page = { readonly file: string; readonly type: string; readonly policy?: string }

const STATIC = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
/** The API reference styles itself as it runs, shows icons from data URLs and tries requests on this host; nothing else is loaded. */
const REFERENCE =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** What the edge answers itself, from the files beside it. */
export const pages: Readonly<Record<string, Page>> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8', policy: STATIC },
  '/docs': { file: 'docs.html', type: 'text/html; charset=utf-8', policy: REFERENCE },
  '/docs/scalar.js': { file: 'scalar.js', type: 'text/javascript; charset=utf-8' },
  '/openapi.json': { file: 'openapi.json', type: 'application/json' },
}

/** Sends a page from `folder`, compressed when the client takes that, or 304 when the copy at hand is current. */
export async function sendPage(folder: string, { file, type, policy }: Page, request: IncomingMessage, response: ServerResponse) {
  const path = join(folder, file)
  const { size, mtimeMs } = await stat(path)
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const tag = `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}${zipped ? '-gzip' : ''}"`
  const headers = {
    etag: tag,
    vary: 'accept-encoding',
    'cache-control': 'no-cache',
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(policy === undefined ? {} : { 'content-security-policy': policy }),
    ...(zipped ? { 'content-encoding': 'gzip' } : { 'content-length': size }),
  }
  if (request.headers['if-none-match'] === tag) return void response.writeHead(304, { etag: tag }).end()
  response.writeHead(200, headers)
  if (request.method === 'HEAD') return void response.end()
  const content = createReadStream(path)
  await (zipped ? pipeline(content, createGzip(), response) : pipeline(content, response))
}
