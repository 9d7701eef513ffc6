import * as z from 'zod'
import { prepareDatabase, settings } from './job.ts'

const parsed = z.object(settings).safeParse(process.env)
// As the first process of a container it gets no signal it does not ask for.
process.on('SIGTERM', () => process.exit(143))

if (!parsed.success) fail(`Wrong settings:\n${z.prettifyError(parsed.error)}`)
else
  prepareDatabase(parsed.data).then(
    () => console.log(`The database of ${parsed.data.SERVICE} is at its newest migration`),
    (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
  )

function fail(message: string) {
  console.error(message)
  process.exitCode = 1
}
