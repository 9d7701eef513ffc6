import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')
export const prometheusFolder = join(root, 'knative', 'observability', 'prometheus')
export const runbookFolder = join(root, 'docs', 'runbooks')

/** An alert as it is written in a file of rules. */
export type Alert = {
  readonly name: string
  readonly severity: string | undefined
  readonly summary: string | undefined
  readonly description: string | undefined
  readonly runbook: string | undefined
}

/** The files of rules, or of their tests. */
export const filesIn = (folder: 'rules' | 'tests'): string[] =>
  readdirSync(join(prometheusFolder, folder))
    .toSorted()
    .map((name) => join(prometheusFolder, folder, name))

/** Every alert of every file. */
export const readAlerts = (): Alert[] =>
  filesIn('rules')
    .flatMap((file) => readFileSync(file, 'utf8').split(/^ {6}- /m))
    .filter((rule) => rule.startsWith('alert:'))
    .map((rule) => ({
      name: /^alert: (\w+)/.exec(rule)?.[1] ?? '',
      severity: /severity: (\w+)/.exec(rule)?.[1],
      summary: /summary: '(.+)'/.exec(rule)?.[1],
      description: /description: >-\n((?: {12}.+\n)+)/.exec(rule)?.[1]?.replaceAll(/\s+/g, ' ').trim(),
      runbook: /runbook_url: (\S+)/.exec(rule)?.[1],
    }))

/** The alerts that tests expect to fire, and those they expect not to. */
export function testedAlerts() {
  const expectations = filesIn('tests').flatMap((file) =>
    readFileSync(file, 'utf8')
      .split(/^ {6}- expr: /m)
      .slice(1),
  )
  const named = (wanted: (text: string) => boolean) =>
    new Set(expectations.filter(wanted).flatMap((text) => /^'ALERTS\{alertname="(\w+)",alertstate="firing"\}'/.exec(text)?.[1] ?? []))
  return { firing: named((text) => text.includes('value: 1')), quiet: named((text) => text.includes('exp_samples: []')) }
}

/** The blocks of one language in a page, with what follows the language's name. */
export const blocksOf = (page: string, language: string): { readonly info: string; readonly text: string }[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}(.*)\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, info = '', text = '']) => ({
    info: info.trim(),
    text: text.trim(),
  }))

/** What promtool says, and what it has against it if anything. Throws when it is not installed. */
export function promtool(...args: string[]): { readonly output: string; readonly fault: string | undefined } {
  const { status, error, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
  if (error)
    throw new Error('promtool is not on the PATH. Debian: apt-get install prometheus; macOS: brew install prometheus', { cause: error })
  return { output: stdout, fault: status === 0 ? undefined : `${stdout}${stderr}` }
}
