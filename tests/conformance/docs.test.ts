import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FunctionInfo, functionNames, topology } from '../../scripts/topology.ts'
import { canBuild } from './kustomize.ts'
import { read } from './tree.ts'

const root = join(import.meta.dirname, '..', '..')
/** The pages whose commands are proven here. */
const pages = ['architecture.md', 'deploy.md', 'operations.md', 'scale.md']
const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts

describe('the picture of the architecture', () => {
  const picture = /```mermaid\n([\s\S]*?)```/.exec(read('docs/architecture.md'))?.[1] ?? ''
  const arrows = [...picture.matchAll(/^ {2}([\w-]+)\S* *(-- \w+ -->|-->|== writes ==>|-\. reads \.->) *([\w-]+)/gm)]
  const drawn = (kind: RegExp) =>
    arrows.filter(([, , arrow = '']) => kind.test(arrow)).map(([, from = '', , to = '']) => `${from} > ${to.replace(/-database$/, '')}`)

  test('has an arrow for each call that a function may make, and no other', () => {
    const calls = functionNames.flatMap((name) => topology[name].calls.map((callee) => `${name} > ${callee}`))
    const outside = ['client > edge', 'schedule > order-sweeper']
    expect(drawn(/^--/).toSorted()).toEqual([...calls, ...outside].toSorted())
  })

  test('has each function open its own database, to write or to read', () => {
    const open = (role: string) =>
      functionNames.flatMap((name) => {
        const { database }: FunctionInfo = topology[name]
        return database?.role === role ? [`${name} > ${database.service}`] : []
      })
    expect(drawn(/writes/).toSorted()).toEqual(open('writer').toSorted())
    expect(drawn(/reads/).toSorted()).toEqual(open('reader').toSorted())
  })
})

/** A block of commands, and whether the page says that it needs a cluster. */
type Block = { readonly page: string; readonly commands: string; readonly needsCluster: boolean }

const blocks: Block[] = pages.flatMap((page) =>
  [...read(`docs/${page}`).matchAll(/(<!-- needs a cluster -->\n+)?^```sh\n([\s\S]*?)^```$/gm)].map(([, mark, commands = '']) => ({
    page,
    commands,
    needsCluster: mark !== undefined,
  })),
)
const here = blocks.filter(({ needsCluster }) => !needsCluster)
const buildable = canBuild()
const runnable = here.filter(({ commands }) => buildable || !commands.includes('kubectl'))

describe('every command that a page shows', () => {
  let checkout = ''
  beforeAll(() => {
    // A copy, as commands write: whoever runs the tests keeps the secrets that they have, or have not.
    checkout = mkdtempSync(join(tmpdir(), 'shop-docs-'))
    for (const path of ['knative', 'scripts', 'db', 'functions', 'shared', 'package.json']) {
      const filter = (source: string) => !source.endsWith('secrets/values')
      cpSync(join(root, path), join(checkout, path), { recursive: true, filter })
    }
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  })
  afterAll(() => rmSync(checkout, { recursive: true, force: true }))

  test.each(runnable.map(({ page, commands }) => [page, commands] as const))(
    '%s: works as it stands: %s',
    { timeout: 120_000 },
    (_, commands) => {
      const PATH = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`
      const run = () =>
        execFileSync('sh', ['-euc', commands], { cwd: checkout, env: { ...process.env, PATH }, stdio: 'pipe', timeout: 110_000 })
      expect(run).not.toThrow()
    },
  )

  test.each(blocks.map(({ page, commands }) => [page, commands] as const))('%s: names scripts and files that exist: %s', (_, commands) => {
    const called = [...commands.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name)
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([])
    const files = [...commands.matchAll(/(?<![\w/.-])((?:knative|scripts|docs|db)\/[\w./-]*\w)/g)].map(([, path = '']) => path)
    expect(files.filter((path) => !path.startsWith('knative/secrets/values') && !existsSync(join(root, path)))).toEqual([])
  })

  test('needs a cluster only where it says so', () => {
    const reaching =
      /\bkubectl (?!kustomize|version --client)|\bskaffold\b|\bkind\b|cluster:up(?! -- --print)|cluster:down|\bdocker\b|npm run (smoke|bench|capacity|test)/
    expect(here.filter(({ commands }) => reaching.test(commands))).toEqual([])
  })
})

test('links between pages lead somewhere', () => {
  const lost = pages.flatMap((page) =>
    [...read(`docs/${page}`).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, 'docs', target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(lost).toEqual([])
})
