import { join } from 'node:path'
import { generated, generateInto } from './generate/generated.ts'

await generateInto(join(import.meta.dirname, '..'))
console.log(`Wrote ${generated.join(' and ')}`)
