import { randomInt } from 'node:crypto'
import { highestTestPort, isBusy, lowestTestPort } from '../ports.ts'
import { type FunctionName, topology } from '../topology.ts'

/** The ports of one shop: each function's and its metrics' stand at a fixed distance from the first. */
export type Ports = {
  readonly base: number
  readonly postgres: number
  readonly of: (name: FunctionName) => number
  readonly metricsOf: (name: FunctionName) => number
}

const postgresOffset = 50
const metricsOffset = 100
const span = 200

const portsFrom = (base: number): Ports => ({
  base,
  postgres: base + postgresOffset,
  of: (name) => base + topology[name].offset,
  metricsOf: (name) => base + metricsOffset + topology[name].offset,
})

export const urlOf = (port: number) => `http://127.0.0.1:${port}`

/**
 * The ports from `base` on, or some that are free when `base` is 0. Rejects with the port and its function when one is busy.
 * A port found free can still be lost before it is bound.
 */
export async function choosePorts(base: number, names: readonly FunctionName[]): Promise<Ports> {
  if (base !== 0) {
    const ports = portsFrom(base)
    const busy = await findBusy(ports, names)
    if (busy)
      throw new Error(`Port ${busy.port}, which ${busy.owner} needs, is busy: stop what listens there, or choose another with --port`)
    return ports
  }
  for (let attempt = 0; attempt < 50; attempt++) {
    const ports = portsFrom(randomInt(lowestTestPort, highestTestPort - span))
    if (!(await findBusy(ports, names))) return ports
  }
  throw new Error(`No ${span} ports in a row are free between ${lowestTestPort} and ${highestTestPort}`)
}

/** The first needed port that is busy, and what needs it. */
export async function findBusy(ports: Ports, names: readonly FunctionName[]) {
  const needed = names.flatMap((name) => [
    { port: ports.of(name), owner: name },
    { port: ports.metricsOf(name), owner: `${name} (metrics)` },
  ])
  const busy = await Promise.all(needed.map(async (need) => ((await isBusy(need.port)) ? need : undefined)))
  return busy.find((need) => need !== undefined)
}
