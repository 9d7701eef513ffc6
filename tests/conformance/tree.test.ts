import { expect, test } from 'vitest'
import { functionNames } from '../../scripts/topology.ts'
import { foldersIn, namesIn, sourcesIn, unitOf } from './tree.ts'

const functions = sourcesIn('functions')
const shared = sourcesIn('shared')
const db = sourcesIn('db')
const everything = [...functions, ...shared, ...db, ...sourcesIn('knative'), ...sourcesIn('scripts'), ...sourcesIn('tests')]

/** All that may stand at the top; what git ignores is no part of the project. */
const top = `
  README.md LICENSE package.json package-lock.json tsconfig.json skaffold.yaml Dockerfile .dockerignore
  vitest.config.ts drizzle.config.ts biome.json .oxlintrc.json buf.yaml buf.gen.yaml
  .editorconfig .gitignore .gitattributes .nvmrc .npmrc .ci .devcontainer .github .git
  functions shared db knative tests bench scripts docs
  node_modules dist .data
`.split(/\s+/)

test('the top level holds nothing but what it is known to hold', () => {
  expect(namesIn('.').filter((name) => !top.includes(name) && !name.endsWith('.log'))).toEqual([])
})

test('the functions are those of scripts/topology.ts', () => {
  expect(foldersIn('functions')).toEqual([...functionNames].toSorted())
})

test('a function imports its own folder, #db and #shared, and so never another function', () => {
  const wrong = functions.flatMap(({ path, imports }) =>
    imports.filter((name) => name.startsWith('../') || /functions\//.test(name)).map((name) => `${path} imports ${name}`),
  )
  expect(wrong).toEqual([])
})

test('shared/ knows no service and db/ knows no function', () => {
  const wrong = [...shared, ...db].flatMap(({ path, imports }) =>
    imports
      .filter((name) => /functions\//.test(name) || (path.startsWith('shared/') && /^#db\/|(^|\/)db\/(?!migrate\.ts|roles\.ts)/.test(name)))
      .map((name) => `${path} imports ${name}`),
  )
  expect(wrong).toEqual([])
})

test('a folder in shared/ serves two functions, or what they all stand on', () => {
  const users = new Map(foldersIn('shared').map((folder) => [`shared/${folder}`, new Set<string>()]))
  for (const { path, imports } of everything) {
    for (const name of imports) {
      const used = name.startsWith('#shared/') ? unitOf(name.slice(1)) : undefined
      if (used !== undefined && used !== unitOf(path)) users.get(used)?.add(unitOf(path))
    }
  }
  const lonely = [...users]
    .filter(([, units]) => units.size < 2)
    .map(([folder, units]) => `${folder} serves ${[...units].join() || 'nobody'}`)
  expect(lonely).toEqual([])
})

test('the SQL of a function is in its store.ts, a store-….ts or statements.ts, and nowhere else', () => {
  const wrong = functions
    .filter(
      ({ path, imports }) =>
        !/\/(store(-[a-z]+)?|statements)\.ts$|\.test\.ts$|\/test/.test(path) &&
        imports.some((name) => /^(drizzle-orm|postgres)\b/.test(name)),
    )
    .map(({ path }) => path)
  expect(wrong).toEqual([])
})

test('no file is longer than 250 lines', () => {
  expect(everything.filter(({ text }) => text.split('\n').length > 251).map(({ path }) => path)).toEqual([])
})

test('names of files and folders are kebab-case', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(int|e2e))?(\.(test|config|d))?\.ts$|^[a-z0-9]+(-[a-z0-9]+)*$/
  expect(everything.map(({ path }) => path).filter((path) => !path.split('/').every((part) => kebab.test(part)))).toEqual([])
})
