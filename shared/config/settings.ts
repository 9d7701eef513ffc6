import { readFileSync } from 'node:fs'
import * as z from 'zod'

// An empty variable is a mistake in a manifest, and no wish for any free port.
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .pipe(z.int().max(65_535))

/** What every function reads from its environment. */
export const serverSettings = {
  PORT: port.default(8080),
  HOST: z.string().default('0.0.0.0'),
  METRICS_PORT: port.default(9464),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
}

/** `postgres://user:password@host:port/database` with the function's own role. */
export const databaseUrl = z.url({ protocol: /^postgres(ql)?$/ })

/** Base URL of another function. */
export const functionUrl = z.url({ protocol: /^https?$/ })

/** A JSON document, inline or as the path of a mounted file, checked against `schema`. */
export const jsonDocument = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .min(1)
    .transform((value, context): unknown => {
      try {
        return JSON.parse(value.trimStart().startsWith('{') ? value : readFileSync(value, 'utf8'))
      } catch {
        context.addIssue({ code: 'custom', message: 'is neither a JSON object nor the path of a readable JSON file' })
        return z.NEVER
      }
    })
    .pipe(schema)

/** Reads the environment once, at start. The error names every variable that is missing or wrong, and never a value. */
export function parseSettings<Shape extends z.ZodRawShape>(shape: Shape, env: Readonly<Record<string, string | undefined>>) {
  // Not worth the compiling that pays for schemas which are used again and again.
  const result = z.object(shape).safeParse(env, { jitless: true })
  if (result.success) return result.data
  const reasons = result.error.issues.map((issue) => {
    const name = String(issue.path[0])
    return `  ${issue.path.join('.')}: ${env[name] === undefined ? 'is required' : issue.message}`
  })
  throw new Error(`Wrong settings:\n${reasons.join('\n')}`)
}
