import type { Readable, Writable } from 'node:stream'

type Message = { readonly id?: number; readonly method?: string; readonly params?: never; readonly result?: never; readonly error?: object }

/** A connection to a browser: sends a command, to one of its pages when a session is named, and resolves with its answer. */
export type Send = (method: string, params?: object, sessionId?: string) => Promise<never>

/** Speaks the Chrome DevTools Protocol over a pair of pipes, each message ended by a zero byte. Every call fails once they are closed. */
export function connect(output: Writable, input: Readable, onEvent: (method: string, params: never) => void): Send {
  const waiting = new Map<number, PromiseWithResolvers<never>>()
  const take = ({ id, method = '', params, result, error }: Message) => {
    if (id === undefined) return onEvent(method, params as never)
    if (error) waiting.get(id)?.reject(new Error(JSON.stringify(error)))
    else waiting.get(id)?.resolve(result as never)
    waiting.delete(id)
  }
  let begun = ''
  input.setEncoding('utf8').on('data', (text: string) => {
    const messages = (begun + text).split('\0')
    begun = messages.pop() ?? ''
    for (const message of messages) take(JSON.parse(message) as Message)
  })
  let isClosed = false
  const fail = () => {
    isClosed = true
    for (const { reject } of waiting.values()) reject(new Error('The browser is gone'))
  }
  input.once('close', fail)
  output.on('error', fail)
  let id = 0
  return (method, params = {}, sessionId) => {
    id += 1
    const answer = Promise.withResolvers<never>()
    if (isClosed) answer.reject(new Error('The browser is gone'))
    waiting.set(id, answer)
    output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    return answer.promise
  }
}
