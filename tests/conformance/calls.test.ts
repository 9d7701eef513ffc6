import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Jwks, SigningKey } from '#shared/auth/jwks.ts'
import { serviceTokens, serviceVerifier } from '#shared/auth/service-token.ts'
import { createApp } from '#shared/http/create-app.ts'
import { createLog } from '#shared/log/log.ts'
import { contractsOf, isPublic } from '../../scripts/generate/openapi.ts'
import { type FunctionName, functionNames, topology } from '../../scripts/topology.ts'
import { arrows } from './arrows.ts'
import { read } from './tree.ts'

/** The only functions that are given a key to sign calls with. */
const signers: readonly FunctionName[] = ['orders', 'order-sweeper']

// Every function gets a key here, also those that never have one: even then nothing else opens.
const keys = Object.fromEntries(functionNames.map((name) => [name, makeKey(name)])) as Record<FunctionName, SigningKey>
const jwks: Jwks = { keys: functionNames.map((iss) => ({ ...keys[iss], d: undefined, iss })) }
const now = () => new Date()
const tokenOf = (issuer: string, signer: FunctionName, audience: string) => serviceTokens(keys[signer], issuer, now)(audience)

const pairs = functionNames.flatMap((caller) => functionNames.map((callee) => [caller, callee] as const))

test('functions call just whom the design lets them', () => {
  const astray = functionNames.flatMap((name) =>
    (topology[name].calls as readonly FunctionName[]).filter((other) => !arrows[name].includes(other)),
  )
  expect(astray).toEqual([])
})

test.each(pairs)('a token that %s signs for %s opens something only if the one may call the other', async (caller, callee) => {
  const answers = await answersOf(callee, await tokenOf(caller, caller, callee))
  // Who is meant to call with a token gets in with it; who calls without one, as edge does, gets nowhere with one.
  const maySign = signers.includes(caller) && arrows[caller].includes(callee)
  const allowed = mintedBy(caller).includes(callee) ? ['let in'] : maySign ? answers : ['refused']
  expect(answers).toEqual(allowed)
  // The same caller's token for somebody else, and one in its name that another function signed.
  const [other, forger] = [functionNames.find((name) => name !== callee) ?? '', functionNames.find((name) => name !== caller) ?? caller]
  expect(await answersOf(callee, await tokenOf(caller, caller, other))).toEqual(['refused'])
  expect(await answersOf(callee, await tokenOf(caller, forger, callee))).toEqual(['refused'])
})

test('a function signs only for functions that it calls, and only two sign at all', () => {
  const astray = functionNames.flatMap((name) =>
    mintedBy(name).filter((audience) => !(topology[name].calls as readonly string[]).includes(audience)),
  )
  expect(astray).toEqual([])
  expect(mintedBy('orders')).toContain('reservations')
  const given = functionNames.filter((name) => /\bSERVICE_KEY\b/.test(read(`functions/${name}/settings.ts`)))
  expect(given.toSorted()).toEqual(signers.toSorted())
})

/** For whom a function's `main.ts` signs. */
const mintedBy = (name: FunctionName) =>
  [...read(`functions/${name}/main.ts`).matchAll(/\btoken\('([\w-]+)'\)/g)].map(([, audience = '']) => audience)

/** What a token gets at all that a function keeps from the public: the routes of its contract, or its gRPC service. */
async function answersOf(callee: FunctionName, token: string): Promise<string[]> {
  const answers = topology[callee].protocol === 'grpc' ? [await callGrpc(callee, token)] : await callRoutes(callee, token)
  return [...new Set(answers)]
}

/** The callers are those that its `main.ts` names; a call of them all goes through the one check. */
async function callGrpc(callee: FunctionName, token: string) {
  const [, audience = '', callers = ''] =
    /serviceVerifier\([^,]+, '([\w-]+)', \[([^\]]*)\]\)/.exec(read(`functions/${callee}/main.ts`)) ?? []
  const verify = serviceVerifier(
    jwks,
    audience,
    [...callers.matchAll(/'([\w-]+)'/g)].map(([, name = '']) => name),
  )
  return (await verify(token)) === undefined ? 'refused' : 'let in'
}

/** Every route that is not for the public, in an app that checks access as the function's does and answers nothing else. */
async function callRoutes(callee: FunctionName, token: string) {
  const app = createApp({ name: callee, log: createLog('test', 'silent'), jwks })
  const guarded = (await contractsOf(callee))
    .map(({ contract }) => contract)
    .filter((contract) => !isPublic(contract) || contract.access !== 'public')
  for (const contract of guarded) app.openapi(contract, () => new Response(null, { status: 204 }))
  // A function without such a route keeps nothing from the public, so a token opens nothing there.
  if (guarded.length === 0) return ['refused']
  const answers = guarded.map(async ({ method, path }) => {
    const url = path.replaceAll(/\{\w+\}/g, '019a0000-0000-7000-8000-000000000001')
    const { status } = await app.request(url, { method: method.toUpperCase(), headers: { authorization: `Bearer ${token}` } })
    return status === 401 ? 'refused' : 'let in'
  })
  const all = await Promise.all(answers)
  return all.includes('let in') ? ['let in'] : all
}

function makeKey(kid: string): SigningKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x, d, kid, alg: 'EdDSA', use: 'sig' }
}
