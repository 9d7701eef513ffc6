import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureColdStarts } from './cold.ts'
import { untilTold } from '../scripts/shop/lifetime.ts'
import { measureGateway } from './gateway.ts'
import { goalLine } from './goal.ts'
import type { Suite } from './suite.ts'
import { measureTelemetry } from './telemetry.ts'

const suites: Readonly<Record<string, Suite>> = { cold: measureColdStarts, gateway: measureGateway, telemetry: measureTelemetry }
const usage = `npm run bench -- ${Object.keys(suites).join(' | ')} [name …] [--pairs 9]`
const say = (line: string) => console.log(line)

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { pairs: { type: 'string', default: '9' } } })
  const [name = '', ...only] = positionals
  const pairs = Number(values.pairs)
  const suite = suites[name]
  if (!suite || !Number.isInteger(pairs) || pairs < 1) throw new Error(usage)
  const machine = { cpus: availableParallelism(), model: cpus()[0]?.model, node: process.version }
  say(`${machine.cpus} CPUs (${machine.model}), Node ${machine.node}, ${pairs} pairs`)
  const { goals, measured } = await suite({ pairs, only, say })
  for (const goal of goals) say(goalLine(goal))
  say(`written to ${await write(name, { at: new Date().toISOString(), machine, pairs, goals, measured })}`)
}

async function write(name: string, results: object): Promise<string> {
  const folder = join(import.meta.dirname, 'results')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${name}-${new Date().toISOString().replaceAll(':', '-')}.json`)
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`)
  return file
}

// What was started ends with this process.
untilTold().addEventListener('abort', () => process.exit(1))
main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    process.exit(1)
  },
)
