import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { blocksOf, filesIn, promtool, readAlerts, root, runbookFolder, testedAlerts } from './rule-files.ts'

const alerts = readAlerts()
const pages = readdirSync(runbookFolder)
const pageOf = (alert: string) => `${alert.replaceAll(/(?<=.)([A-Z])/g, '-$1').toLowerCase()}.md`

test.each(filesIn('rules').map((file) => [basename(file), file] as const))('promtool accepts the rules of %s', (_, file) => {
  expect(promtool('check', 'rules', '--lint-fatal', file).fault).toBeUndefined()
})

test.each(filesIn('tests').map((file) => [basename(file), file] as const))('the rules do what the tests of %s say', (_, file) => {
  expect(promtool('test', 'rules', file).fault).toBeUndefined()
})

test('every alert has a test in which it fires and one in which it does not', () => {
  const { firing, quiet } = testedAlerts()
  expect(alerts.length).toBeGreaterThan(20)
  expect(alerts.filter(({ name }) => !firing.has(name) || !quiet.has(name)).map(({ name }) => name)).toEqual([])
})

test.each(alerts.map((alert) => [alert.name, alert] as const))(
  '%s says how urgent it is, what happened, what to do, and where to read on',
  (name, alert) => {
    expect(alert.severity).toMatch(/^(page|ticket)$/)
    expect(alert.summary).toMatch(/\{\{ \$/)
    expect(alert.description?.length).toBeGreaterThan(80)
    expect(alert.runbook).toBe(`docs/runbooks/${pageOf(name)}`)
    const page = readFileSync(join(root, alert.runbook ?? ''), 'utf8')
    expect(page.match(/^#+ .+$/gm)).toEqual([`# ${name}`, '## What it means', '## How to look', '## What to do', '## When it is over'])
    expect([...blocksOf(page, 'promql'), ...blocksOf(page, 'sql')].length).toBeGreaterThan(0)
  },
)

test('every page of the runbooks is that of an alert', () => {
  expect(pages.toSorted()).toEqual(alerts.map(({ name }) => pageOf(name)).toSorted())
})

test('every query of a runbook can be sent to Prometheus as it is', () => {
  const queries = pages.flatMap((page) => blocksOf(readFileSync(join(runbookFolder, page), 'utf8'), 'promql'))
  const rules = queries.map(({ text }, index) => ({ record: `query:${index}`, expr: text }))
  const folder = mkdtempSync(join(tmpdir(), 'shop-runbooks-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'queries.yaml'), JSON.stringify({ groups: [{ name: 'runbooks', rules }] }))
  expect(promtool('check', 'rules', join(folder, 'queries.yaml')).fault).toBeUndefined()
})
