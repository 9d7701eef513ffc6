import { request } from 'node:http'
import { connect } from 'node:http2'
/** Sends a request to a port of this machine; resolves when the answer is there to its last byte. */
export type Send = (port: number) => Promise<void>

export type HttpCall = {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends one request on a new connection; rejects unless the answer is a 2xx. */
export const sendHttp =
  ({ method = 'GET', path, headers = {}, body }: HttpCall): Send =>
  (port) =>
    new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.once('end', () => {
          if (response.statusCode !== undefined && response.statusCode < 300) resolve()
          else reject(new Error(`${method} ${path} was answered with ${response.statusCode} ${text}`))
        })
      })
      call.once('error', reject).end(body)
    })

export type GrpcCall = { readonly path: string; readonly token: string; readonly message: Uint8Array }

/** Calls a unary method on a new connection; rejects unless its status is OK. */
export const sendGrpc =
  ({ path, token, message }: GrpcCall): Send =>
  (port) =>
    new Promise((resolve, reject) => {
      const session = connect(`http://127.0.0.1:${port}`).once('error', reject)
      const headers = { 'content-type': 'application/grpc', te: 'trailers', authorization: `Bearer ${token}` }
      const stream = session.request({ ':method': 'POST', ':path': path, ...headers })
      stream.once('error', reject).once('trailers', (trailers) => {
        session.close()
        if (trailers['grpc-status'] === '0') resolve()
        else reject(new Error(`${path} was answered with ${trailers['grpc-status']} ${trailers['grpc-message']}`))
      })
      stream.resume().end(framed(message))
    })

/** A message as gRPC frames it: not compressed, and its length. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}
