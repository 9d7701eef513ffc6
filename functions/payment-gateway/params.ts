import * as z from 'zod'
import type { Form, FormValue } from './form.ts'
import { type Failure, invalidRequest, StripeError } from './stripe-error.ts'

const refuse = (context: z.RefinementCtx, code: string, message: string): never => {
  context.addIssue({ code: 'custom', message, params: { stripe: code } })
  return z.NEVER
}

const EMPTY = 'You passed an empty string. We assume empty values are an attempt to unset a field; however this field cannot be unset.'

/** A whole number between `min` and `max`. */
export const integer = (min: number, max: number) =>
  z.string().transform((text, context) => {
    if (text === '') return refuse(context, 'parameter_invalid_empty', EMPTY)
    if (!/^-?\d{1,15}$/.test(text)) return refuse(context, 'parameter_invalid_integer', `Invalid integer: ${text.slice(0, 40)}`)
    const value = Number(text)
    if (value < min) return refuse(context, 'parameter_invalid_integer', `This value must be greater than or equal to ${min}.`)
    if (value > max) return refuse(context, 'parameter_invalid_integer', `This value must be less than or equal to ${max}.`)
    return value
  })

/** `true` or `false`. */
export const flag = z.enum(['true', 'false'], { error: 'Invalid boolean' }).transform((text) => text === 'true')

/** A text that must be there, or not be given at all. */
export const text = (max = 5_000) =>
  z.string().transform((value, context) => {
    if (value === '') return refuse(context, 'parameter_invalid_empty', EMPTY)
    if (value.length > max) return refuse(context, 'parameter_invalid_string', `This value may have at most ${max} characters.`)
    return value
  })

/** A text that an empty one unsets. */
export const unsettable = (max = 5_000) =>
  z
    .string()
    .max(max, `This value may have at most ${max} characters.`)
    .transform((value) => (value === '' ? null : value))

/** The texts a caller keeps with an object; an empty one removes its key. */
export const metadata = z.preprocess(
  (value) => (value === '' ? {} : value),
  z
    .record(z.string().max(40, 'A key may have at most 40 characters.'), z.string().max(500, 'A value may have at most 500 characters.'))
    .refine((value) => Object.keys(value).length <= 50, 'An object may have at most 50 keys.'),
)

/** `metadata` with the given keys set, and those given as empty texts removed. */
export const mergeMetadata = (old: Record<string, string>, given: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries({ ...old, ...given }).filter(([, value]) => value !== ''))

/** `expand[]`: the names of ids that are to be answered as whole objects. */
export const expandable = (...names: string[]) => {
  const known = new Set(names)
  const name = z.string().refine((value) => known.has(value), { error: 'This property cannot be expanded.' })
  return z.array(name).max(20).default([])
}

/** Checks decoded parameters; throws the `StripeError` that says what is wrong with the first bad one. */
export function parseParams<T extends z.ZodType>(schema: T, form: Form): z.infer<T> {
  const result = schema.safeParse(form)
  if (result.success) return result.data
  throw new StripeError(toFailure(result.error.issues[0], form))
}

function toFailure(issue: z.core.$ZodIssue | undefined, form: Form): Failure {
  if (!issue) return invalidRequest('The request is not valid.')
  if (issue.code === 'unrecognized_keys') {
    const param = nameOf([...issue.path, ...issue.keys.slice(0, 1)])
    return invalidRequest(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param })
  }
  const param = nameOf(issue.path)
  if (!has(form, issue.path)) return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  const code: unknown = issue.code === 'custom' ? issue.params?.['stripe'] : undefined
  return invalidRequest(issue.message, typeof code === 'string' ? { code, param } : { param })
}

const nameOf = ([first, ...rest]: readonly PropertyKey[]) =>
  [String(first ?? ''), ...rest.map((part) => `[${String(part)}]`)].join('').slice(0, 200)

function has(form: Form, path: readonly PropertyKey[]): boolean {
  let value: FormValue | undefined = form
  for (const part of path) value = typeof value === 'object' ? (value as Record<PropertyKey, FormValue>)[part] : undefined
  return value !== undefined
}
