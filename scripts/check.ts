import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findStaleFiles } from './check/generated.ts'
import { findMissingMigrations } from './check/migrations.ts'
import { root, runTool } from './check/tool.ts'

type Step = {
  readonly name: string
  /** What is wrong, if anything is. */
  readonly run: () => Promise<string | undefined>
  readonly mend: string
}

const sources = ['functions', 'shared', 'db', 'knative', 'tests', 'scripts', 'bench'].filter((folder) => existsSync(join(root, folder)))
const { fix } = parseArgs({ options: { fix: { type: 'boolean', default: false } } }).values

const steps: readonly Step[] = [
  { name: 'format', run: () => runTool('biome', ['format', ...(fix ? ['--write'] : []), '.']), mend: 'npm run check -- --fix' },
  { name: 'lint', run: () => runTool('oxlint', ['--type-aware', ...sources]), mend: 'change what it names' },
  { name: 'types', run: () => runTool('tsc', ['-p', '.']), mend: 'change what it names' },
  { name: 'contracts', run: () => runTool('buf', ['lint']), mend: 'change what it names' },
  { name: 'generated files', run: findStaleFiles, mend: 'npm run generate' },
  { name: 'migrations', run: findMissingMigrations, mend: 'the command it names' },
]

const failed: Step[] = []
await Promise.all(
  steps.map(async (step) => {
    const start = performance.now()
    const fault = await step.run().catch((error: unknown) => String(error))
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    if (fault === undefined) return console.log(`ok    ${step.name} (${seconds} s)`)
    failed.push(step)
    console.log(`FAIL  ${step.name} (${seconds} s)\n${fault.trimEnd()}\n`)
  }),
)
for (const { name, mend } of failed) console.log(`${name} failed. To mend it: ${mend}`)
process.exitCode = failed.length === 0 ? 0 : 1
