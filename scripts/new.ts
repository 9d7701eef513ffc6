import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runTool } from './check/tool.ts'
import { generateBoards } from './new/boards.ts'
import { createFunction, parseNewFunction } from './new/create.ts'
import { leftToDo } from './new/left-to-do.ts'

const root = join(import.meta.dirname, '..')

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { service: { type: 'string' }, role: { type: 'string', default: 'writer' } },
  })
  if (positionals.length > 1) throw new Error(`One function at a time: what is "${positionals[1]}"?`)
  const wanted = parseNewFunction(root, { name: positionals[0], ...values })
  const written = createFunction(root, wanted)
  const unformatted = await runTool('biome', ['format', '--write', ...written.filter((path) => path.endsWith('.ts'))])
  if (unformatted !== undefined) throw new Error(unformatted)
  const boards = await generateBoards(root)
  for (const path of [...written, ...boards]) console.log(`wrote ${path}`)
  console.log(leftToDo(wanted))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
