import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import { startCold } from '../../bench/cold-process.ts'
import { sampleOf } from '../../bench/requests.ts'
import type { Send } from '../../bench/send.ts'
import type { World } from '../../bench/world.ts'
import { type FunctionName, functionNames } from '../topology.ts'

/** The sizes in bytes of a function's code and of the code cache that was made for it. */
export type Made = { readonly name: FunctionName; readonly code: number; readonly cache: number }

/** Which functions of `dist` have no code cache. */
export const withoutCache = (dist: string, names: readonly FunctionName[] = functionNames): FunctionName[] =>
  names.filter((name) => !existsSync(join(dist, name, 'app.cjs.cache')))

/**
 * Makes a function's code caches: starts it, has it answer its first request and load its telemetry, and ends it. What V8 has
 * compiled by then, a cold process need not compile again. `adjust` can have the request accept other answers.
 */
export async function makeCaches(world: World, name: FunctionName, dist: string, adjust = (send: Send): Send => send): Promise<Made> {
  const env = await world.environment(name)
  const send = adjust(await sampleOf(name).prepare(world))
  const running = await startCold(join(dist, name, 'main.cjs'), { ...env, CODE_CACHE: 'write' }, send)
  const { statusCode, body } = await request(`http://127.0.0.1:${env['METRICS_PORT']}/metrics`)
  await body.dump()
  await running.stop()
  if (statusCode !== 200) throw new Error(`The metrics of ${name} were answered with ${statusCode}`)
  const size = (file: string) => statSync(join(dist, name, file)).size
  return { name, code: size('app.cjs') + size('telemetry.cjs'), cache: size('app.cjs.cache') + size('telemetry.cjs.cache') }
}
