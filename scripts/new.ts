import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runTool } from './check/tool.ts'
import { createFunction, parseNewFunction } from './new/create.ts'

const root = join(import.meta.dirname, '..')

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { service: { type: 'string' }, role: { type: 'string', default: 'writer' } },
  })
  if (positionals.length > 1) throw new Error(`One function at a time: what is "${positionals[1]}"?`)
  const wanted = parseNewFunction(root, { name: positionals[0], ...values })
  const written = createFunction(root, wanted)
  const unformatted = await runTool('biome', ['format', '--write', ...written])
  if (unformatted !== undefined) throw new Error(unformatted)
  for (const path of written) console.log(`wrote ${path}`)
  console.log(`
${wanted.name} runs with the shop from now on. Next:
  npm run check && npm test -- ${wanted.name}
  give it its routes (routes.ts), its rules and its statements (store.ts), and say in its README.md what it is for
  to make it public: add it to publicFunctions in scripts/topology.ts, to the paths in functions/edge/routes.ts with its
  ${wanted.name.replaceAll('-', '_').toUpperCase()}_URL in the edge's settings.ts and main.ts, and run npm run generate
  to let it call others: name them in its line of scripts/topology.ts and their urls in its settings.ts`)
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
