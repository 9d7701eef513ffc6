import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type Send } from './devtools.ts'

/** A page of a real browser, and what it was seen to do. */
export type Page = {
  /** Opens an address in it. */
  readonly open: (url: string) => Promise<void>
  /** The value of an expression in the page, awaited when it is a promise; rejects with what it throws. */
  readonly evaluate: (expression: string) => Promise<unknown>
  /** Clicks the middle of the first visible element whose text matches, once it stands still, as a mouse does. */
  readonly click: (selector: string, text: RegExp) => Promise<void>
  /** Waits until the page shows a text; rejects with what it shows instead. */
  readonly see: (text: string) => Promise<void>
  /** The page as it is seen now, as PNG. */
  readonly screenshot: () => Promise<Buffer>
  /** The method and address of each request, in order, with its status once it is answered. */
  readonly requests: readonly { readonly method: string; readonly url: string; status?: number }[]
  /** Each error and warning of the page's console, uncaught ones and those of the network included. */
  readonly complaints: readonly string[]
  readonly close: () => Promise<void>
}

const PATIENCE_MS = 30_000

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--window-size=1400,1000',
  '--remote-debugging-pipe',
]

/**
 * Starts Chromium, which must be on the PATH, with an empty profile. It is driven over pipes, so that it ends with this process
 * however that ends.
 */
export async function openBrowser(): Promise<Page> {
  const profile = await mkdtemp(join(tmpdir(), 'browser-'))
  const child = spawn('chromium', [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const close = async () => {
    // Without its pipes the browser ends in order, with all its processes: a killed one's would still write to the profile.
    for (const pipe of child.stdio) pipe?.destroy()
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(late)
    await rm(profile, { recursive: true, force: true, maxRetries: 20 })
  }
  try {
    return { ...(await Promise.race([drive(child.stdio[3] as Writable, child.stdio[4] as Readable), failed])), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function drive(output: Writable, input: Readable): Promise<Omit<Page, 'close'>> {
  const requests: { id: string; method: string; url: string; status?: number }[] = []
  const complaints: string[] = []
  const heard: Record<string, (params: never) => void> = {
    'Network.requestWillBeSent': ({ requestId, request }: { requestId: string; request: { method: string; url: string } }) =>
      requests.push({ id: requestId, method: request.method, url: request.url }),
    'Network.responseReceived': ({ requestId, response }: { requestId: string; response: { status: number } }) => {
      const request = requests.findLast(({ id }) => id === requestId)
      if (request) request.status = response.status
    },
    'Runtime.exceptionThrown': (params) => complaints.push(JSON.stringify(params)),
    'Runtime.consoleAPICalled': ({ type, args }: { type: string; args: object }) =>
      ['error', 'warning', 'assert'].includes(type) && complaints.push(`${type} ${JSON.stringify(args)}`),
    'Log.entryAdded': ({ entry }: { entry: { level: string; text: string; url?: string } }) =>
      ['error', 'warning'].includes(entry.level) && complaints.push(`${entry.level} ${entry.text} ${entry.url ?? ''}`),
  }
  const toBrowser = connect(output, input, (method, params) => heard[method]?.(params))
  const { targetId } = (await toBrowser('Target.createTarget', { url: 'about:blank' })) as { targetId: string }
  const { sessionId } = (await toBrowser('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string }
  const send: Send = (method, params) => toBrowser(method, params, sessionId)
  for (const domain of ['Network', 'Runtime', 'Log', 'Page']) await send(`${domain}.enable`)

  const evaluate: Page['evaluate'] = async (expression) => {
    const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    const { result, exceptionDetails } = answer as { result: { value?: unknown }; exceptionDetails?: object }
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }
  return {
    requests,
    complaints,
    evaluate,
    open: async (url) => {
      await send('Page.navigate', { url })
    },
    click: async (selector, text) => {
      const found = await eventually(`no ${selector} with ${text} to click`, () => evaluate(middleOf(selector, text)))
      for (const type of ['mousePressed', 'mouseReleased'])
        await send('Input.dispatchMouseEvent', { type, button: 'left', clickCount: 1, ...(found as object) })
    },
    see: async (text) => {
      const seen = () => evaluate('document.body?.innerText ?? ""') as Promise<string>
      const isSeen = async () => (await seen()).includes(text) || undefined
      await eventually(`"${text}" is not to be seen`, isSeen).catch(async (error: Error) => {
        throw new Error(`${error.message} in:\n${await seen()}`)
      })
    },
    screenshot: async () => Buffer.from(((await send('Page.captureScreenshot')) as { data: string }).data, 'base64'),
  }
}

/** Where to click: the element is brought into view, must be what a mouse meets there, and must stand still for some frames. */
const middleOf = (selector: string, text: RegExp) => `(async () => {
  const matches = (element) => ${text}.test(element.textContent) && element.getBoundingClientRect().width > 0
  const element = [...document.querySelectorAll(${JSON.stringify(selector)})].find(matches)
  element?.scrollIntoView({ block: 'center', behavior: 'instant' })
  const middle = () => {
    const { x, y, width, height } = element.getBoundingClientRect()
    return { x: x + width / 2, y: y + height / 2 }
  }
  const before = element && middle()
  for (let frame = 0; element && frame < 20; frame++) await new Promise(requestAnimationFrame)
  if (!element || before.x !== middle().x || before.y !== middle().y) return undefined
  return element.contains(document.elementFromPoint(before.x, before.y)) ? before : undefined
})()`

/** What `find` gives once it gives something. */
async function eventually<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const found = await find()
    if (found) return found
    if (performance.now() > deadline) throw new Error(what)
    await delay(20)
  }
}
