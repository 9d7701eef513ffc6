import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { makeCaches, withoutCache } from '../scripts/build/caches.ts'
import { type FunctionName, functionNames } from '../scripts/topology.ts'
import { startCold } from './cold-process.ts'
import type { Goal } from './goal.ts'
import { type Sample, sampleOf } from './requests.ts'
import { sendHttp } from './send.ts'
import { type Spread, spreadOf } from './statistics.ts'
import type { Suite } from './suite.ts'
import { openWorld, type World } from './world.ts'

const dist = join(import.meta.dirname, '..', 'dist')
export const entryOf = (name: FunctionName) => join(dist, name, 'main.cjs')
const IDLE_MS = 10_000

/** Each at its first answer, beside the bare server of the same pair; times in milliseconds, memory in MB. */
type Pairs = {
  readonly ms: Spread
  readonly bareMs: Spread
  readonly ratio: Spread
  readonly mb: Spread
  readonly memoryRatio: Spread
  /** Taken off, where it is work and no start. */
  readonly workMs: Spread
  readonly ownCpuShare: number
}

/** From spawning a function to its first real answer, and its memory then and when it has been idle for a while. */
export const measureColdStarts: Suite = async ({ pairs, only, say }) => {
  const names = functionNames.filter((name) => only.length === 0 || only.includes(name))
  const world = await openWorld({ say })
  try {
    for (const name of withoutCache(dist, names)) await makeCaches(world, name, dist)
    const starts: Partial<Record<FunctionName, Pairs>> = {}
    const goals: Goal[] = []
    for (const name of names) {
      const found = await measurePairs(world, name, pairs)
      starts[name] = found
      say(lineOf(name, found))
      goals.push({ id: `cold.${name}`, value: found.ratio.median, relation: '<=', target: 3 })
      goals.push({ id: `memory.first.${name}`, value: found.memoryRatio.median, relation: '<=', target: 1.6 })
    }
    const idle = await measureIdle(world, names)
    return { goals: [...goals, ...idleGoals(idle, say)], measured: { starts, idle } }
  } finally {
    await world.close()
  }
}

async function measurePairs(world: World, name: FunctionName, pairs: number): Promise<Pairs> {
  const sample = sampleOf(name)
  // The first pair reads the files from the disk and is not counted.
  await measurePair(world, name, sample, true)
  const all: Pair[] = []
  for (let pair = 0; pair < pairs; pair++) all.push(await measurePair(world, name, sample, pair % 2 === 0))
  const spread = (value: (pair: Pair) => number) => spreadOf(all.map(value))
  const sum = (value: (pair: Pair) => number) => all.reduce((total, pair) => total + value(pair), 0)
  return {
    ms: spread(({ ms }) => ms),
    bareMs: spread(({ bare }) => bare.ms),
    ratio: spread(({ ms, bare }) => ms / bare.ms),
    mb: spread(({ mb }) => mb),
    memoryRatio: spread(({ mb, bare }) => mb / bare.mb),
    workMs: spread(({ workMs }) => workMs),
    ownCpuShare: sum(({ own, bare }) => own + bare.own) / sum(({ ms, workMs, bare }) => ms + workMs + bare.ms),
  }
}

type Pair = Awaited<ReturnType<typeof measurePair>>

async function measurePair(world: World, name: FunctionName, { prepare, measureWork }: Sample, bareFirst: boolean) {
  const before = bareFirst ? await measureBare() : undefined
  const [env, send, workMs] = [await world.environment(name), await prepare(world), (await measureWork?.(world)) ?? 0]
  const { ms, mb, own } = await measureOne(entryOf(name), env, send)
  return { ms: ms - workMs, workMs, mb, own, bare: before ?? (await measureBare()) }
}

async function measureOne(...start: Parameters<typeof startCold>) {
  const cold = await startCold(...start)
  const mb = cold.residentMb()
  await cold.stop()
  return { ms: cold.ms, own: cold.ownCpuMs, mb }
}

const bare = [join(import.meta.dirname, 'bare.cjs'), { HOST: '127.0.0.1' }, sendHttp({ path: '/' })] as const
const measureBare = () => measureOne(...bare)

/** What each function keeps in memory after some idle seconds with telemetry loaded. All at once: they do nothing but wait. */
export async function measureIdle(world: World, names: readonly FunctionName[]) {
  const startOne = async (name: FunctionName) => {
    const env = await world.environment(name)
    const cold = await startCold(entryOf(name), env, await sampleOf(name).prepare(world))
    // A scrape waits until telemetry is loaded.
    const { statusCode, body } = await request(`http://127.0.0.1:${env['METRICS_PORT']}/metrics`)
    await body.dump()
    if (statusCode !== 200) throw new Error(`The metrics of ${name} were answered with ${statusCode}`)
    return { name, cold }
  }
  const running = await Promise.all(names.map(startOne))
  const bareProcess = await startCold(...bare)
  await delay(IDLE_MS)
  const bareMb = bareProcess.residentMb()
  const functions = running.map(({ name, cold }) => ({ name, mb: cold.residentMb(), ratio: cold.residentMb() / bareMb }))
  await Promise.all([bareProcess, ...running.map(({ cold }) => cold)].map((cold) => cold.stop()))
  return { bareMb, functions }
}

/** The goals of idle memory, each said in a line of its own. */
export const idleGoals = ({ bareMb, functions }: Awaited<ReturnType<typeof measureIdle>>, say: (line: string) => void): Goal[] =>
  functions.map(({ name, mb, ratio }) => {
    say(`${name.padEnd(16)} ${mb.toFixed(1)} MB idle with telemetry, ${ratio.toFixed(2)} times ${bareMb.toFixed(1)} MB`)
    return { id: `memory.idle.${name}`, value: ratio, relation: '<=', target: 2.1 }
  })

function lineOf(name: FunctionName, { ms, bareMs, ratio, mb, memoryRatio, workMs, ownCpuShare }: Pairs): string {
  const times = `${ms.median.toFixed(0)} ms, bare ${bareMs.median.toFixed(0)} ms`
  const ratios = `${ratio.median.toFixed(2)} times (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`
  const work = workMs.median > 0 ? `, less ${workMs.median.toFixed(0)} ms of argon2id` : ''
  const memory = `${mb.median.toFixed(1)} MB, ${memoryRatio.median.toFixed(2)} times`
  const own = `measuring took ${(ownCpuShare * 100).toFixed(1)} % of a CPU`
  return `${name.padEnd(16)} ${sampleOf(name).what}: ${times}, ${ratios}${work}; ${memory}; ${own}`
}
