import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { noteRunning, stopLeftovers } from './leftovers.ts'

test('what was left behind is ended, and a process that only has its pid is not', async () => {
  const [left, stranger] = [await sleeper(), await sleeper()]
  const file = noteOf(left, stranger)
  const [first, second] = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; startedAt: string }[]
  writeFileSync(file, JSON.stringify([first, { ...second, startedAt: '1' }]))

  await stopLeftovers(file)
  expect(left.signalCode).toBe('SIGTERM')
  expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null])
})

test('nothing is noted of a process that has ended, and a note that is not there is no obstacle', async () => {
  const ended = await sleeper()
  ended.kill('SIGKILL')
  await once(ended, 'exit')
  const file = noteOf(ended)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([])
  await stopLeftovers(`${file}.other`)
})

async function sleeper(): Promise<ChildProcess> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  return child
}

function noteOf(...processes: ChildProcess[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'shop-leftovers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'running.json')
  noteRunning(
    file,
    processes.map(({ pid }) => pid ?? 0),
  )
  return file
}
