import { spawn } from 'node:child_process'
import { get } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { type FunctionName, topology } from '../topology.ts'
import type { Environment } from './environment.ts'

/** One function as a process of its own, from its bundle. */
export type FunctionProcess = {
  readonly pid: number
  /** How it ended, once it did. */
  readonly ended: Promise<string>
  readonly hasEnded: () => boolean
  /** Whether the end was asked for. */
  readonly wasKilled: () => boolean
  /** Sends the signal and waits for the end. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
}

const bundles = join(import.meta.dirname, '..', '..', 'dist')

/**
 * Starts a function. It exits when the channel to this process closes, so it never outlives it; its output goes to `log` line
 * by line, with its name before each.
 */
export function startFunction(name: FunctionName, env: Environment, log: (line: string) => void): FunctionProcess {
  // In a process group of its own: a Ctrl-C is for the supervisor, which ends the functions in order.
  const child = spawn(process.execPath, [join(bundles, name, 'main.cjs')], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let killed = false
  let over = false
  for (const output of [child.stdout, child.stderr]) {
    if (output) createInterface({ input: output }).on('line', (line) => log(`${name.padEnd(16)}${line}`))
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${name} could not be started: ${error.message}`))
    child.once('close', (code, signal) => resolve(`${name} ended with ${signal ?? `code ${code}`}`))
  }).finally(() => {
    over = true
  })
  return {
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => over,
    wasKilled: () => killed,
    kill: async (signal) => {
      killed = true
      child.kill(signal)
      await ended
    },
  }
}

/** Resolves when the function answers that it is ready; rejects when it ends first or takes longer than half a minute. */
export async function waitUntilReady(name: FunctionName, port: number, running: FunctionProcess, signal?: AbortSignal) {
  const deadline = performance.now() + 30_000
  const answers = topology[name].protocol === 'grpc' ? accepts : isReady
  while (!(await answers(port))) {
    signal?.throwIfAborted()
    if (running.hasEnded()) throw new Error(`${await running.ended} before it was ready`)
    if (performance.now() > deadline) throw new Error(`${name} is not ready after 30 s`)
    await delay(20)
  }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: 5_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
  })
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
