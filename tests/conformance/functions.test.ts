import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { expect, test } from 'vitest'
import { type FunctionInfo, type FunctionName, functionNames, topology } from '../../scripts/topology.ts'
import { namesIn, read } from './tree.ts'

/** The gateway's contract is Stripe's, and it authenticates as Stripe does: no `routes.ts` declares it. */
const contractOfOthers: readonly FunctionName[] = ['payment-gateway']

/** Settings that stand in for no other function; whoever starts a function knows how to supply each of them. */
const known = `
  PORT HOST METRICS_PORT LOG_LEVEL DATABASE_URL JWKS ACCESS_TOKEN_KEY SERVICE_KEY PAYMENT_GATEWAY_KEY GATEWAY_CONTROL
`.split(/\s+/)

const urlOf = (name: string) => `${name.replaceAll('-', '_').toUpperCase()}_URL`

test.each(functionNames)('%s has what a function consists of', (name) => {
  const { protocol, database } = topology[name]
  const files = namesIn(`functions/${name}`)
  const contract = protocol === 'grpc' ? ['rpc.ts'] : contractOfOthers.includes(name) ? ['app.ts'] : ['app.ts', 'routes.ts']
  const store = database === null ? [] : ['store.ts']
  expect(files).toEqual(expect.arrayContaining(['README.md', 'main.ts', 'settings.ts', ...contract, ...store]))
  expect(files.some((file) => file.endsWith('.test.ts'))).toBe(true)
})

test.each(functionNames)('%s tells its reader what it is and which settings it reads', async (name) => {
  const readme = read(`functions/${name}/README.md`)
  expect(readme).toMatch(new RegExp(`^# ${name}\n\n`))
  expect(Object.keys(await settingsOf(name)).filter((key) => !serverKeys.includes(key) && !readme.includes(key))).toEqual([])
})

test.each(functionNames)('%s runs under its own name', (name) => {
  expect(read(`functions/${name}/main.ts`)).toMatch(new RegExp(`\\brun\\(\\s*'${name}'`))
})

test.each(functionNames)('%s reads settings that can be supplied, and the urls of just those functions that it calls', async (name) => {
  const { database, calls }: FunctionInfo = topology[name]
  const settings = await settingsOf(name)
  const keys = Object.keys(settings)
  const urls = keys.filter((key) => key.endsWith('_URL') && key !== 'DATABASE_URL' && key !== 'PUBLIC_URL')
  expect(urls.toSorted()).toEqual(calls.map(urlOf).toSorted())
  expect(keys.includes('DATABASE_URL')).toBe(database !== null)
  const strange = keys.filter(
    (key) => !known.includes(key) && !urls.includes(key) && !z.object(settings).shape[key]?.safeParse(undefined).success,
  )
  expect(strange).toEqual([])
})

test('every function that is called exists, and each has a place of its own among the ports', () => {
  const called = functionNames.flatMap((name) => topology[name].calls as readonly string[])
  expect(called.filter((name) => !(functionNames as string[]).includes(name))).toEqual([])
  expect(new Set(functionNames.map((name) => topology[name].offset)).size).toBe(functionNames.length)
})

const serverKeys = ['PORT', 'HOST', 'METRICS_PORT', 'LOG_LEVEL']

async function settingsOf(name: FunctionName): Promise<Record<string, z.ZodType>> {
  const path = join(import.meta.dirname, '..', '..', 'functions', name, 'settings.ts')
  return ((await import(pathToFileURL(path).href)) as { settings: Record<string, z.ZodType> }).settings
}
