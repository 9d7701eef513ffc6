import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stockOf } from '#db/inventory/testing.ts'
import { functionNames } from '../../scripts/topology.ts'
import { type RunningShop, startTestShop } from './running-shop.ts'

const root = join(import.meta.dirname, '..', '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

let shop: RunningShop

beforeAll(async () => {
  shop = await startTestShop()
})
afterAll(() => shop?.stop())

/** The commands of one section, as they stand there. */
function commandsOf(title: string): string[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? ''
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, command = '']) => command)
}

const MARK = '--- next ---'

/** Pastes commands into one shell, one after the other; gives what each printed. On a machine without curl a stand-in is found last. */
async function paste(commands: readonly string[], env: Record<string, string> = {}): Promise<string[]> {
  const script = commands.map((command) => command.replaceAll('http://127.0.0.1:8080', shop.url)).join(`printf '\\n${MARK}\\n'\n`)
  const PATH = [process.env['PATH'], join(import.meta.dirname, 'bin')].join(delimiter)
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', script], { env: { ...process.env, PATH, ...env }, timeout: 60_000 })
  expect(stderr).toBe('')
  return stdout.split(`\n${MARK}\n`)
}

/** An answer that was printed with its head. */
function parse(printed = '') {
  const [head = '', body = ''] = printed.split(/\r?\n\r?\n/)
  return { status: Number(head.split(' ')[1]), replayed: /^idempotent-replayed: true/im.test(head), body: JSON.parse(body) as object }
}

test('the seven commands a new user types first do what the text says', async () => {
  const before = await stockOf(shop.sql.inventory, 'MUG-0001')
  const printed = await paste(commandsOf('Try it'))
  expect(printed).toHaveLength(7)
  const [list = '', registered = '', token = '', quote = '', placed, history = '', declined] = printed

  expect(JSON.parse(list)).toMatchObject({ items: [{}, {}, {}], nextCursor: expect.any(String) })
  expect(JSON.parse(registered)).toMatchObject({ account: { email: 'ada@shop.example', roles: ['customer'] } })
  expect(token.trim()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  expect(JSON.parse(quote)).toMatchObject({ lines: [{ sku: 'MUG-0001', quantity: 2, taxRate: 1900 }] })
  const order = parse(placed)
  expect(order).toMatchObject({ status: 201, replayed: false, body: { status: 'paid', total: JSON.parse(quote).total } })
  expect(JSON.parse(history)).toMatchObject({ items: [order.body] })
  expect(parse(declined)).toMatchObject({ status: 402, body: { declineCode: 'generic_decline' } })
  expect(await stockOf(shop.sql.inventory, 'MUG-0001')).toEqual({ onHand: before.onHand - 2, reserved: 0 })

  const login = commandsOf('Try it')[2] ?? ''
  const again = commandsOf('Try it')[4] ?? ''
  expect(parse((await paste([login, again]))[1])).toMatchObject({ status: 201, replayed: true, body: order.body })
})

test('the quick start is two commands that exist', () => {
  const [quickStart = ''] = commandsOf('Quick start')
  expect(quickStart.trim().split('\n')).toEqual(['npm ci', 'npm start'])
})

test('every npm script and every file that is named exists, and every function is listed', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/npm (?:run ([\w:]+)|(start|test)\b)/g)].map(([, run, own]) => run ?? own ?? '')
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  const links = [...readme.matchAll(/\]\(([^):]+)\)/g)].map(([, path = '']) => path)
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
  expect(links).toEqual(expect.arrayContaining(functionNames.map((name) => `functions/${name}`)))
})
