import type { FunctionInfo } from '../topology.ts'
import { entriesOf, insertAfterLast, insertSorted, NoPlace, replaceOnce } from './edits.ts'
import type { NewFunction } from './templates.ts'

/** A file that names every function, or all of one database, and how a new one gets into its text. */
export type Place = { readonly path: string; readonly add: (text: string) => string }

/** Every file outside a function's own that has to know of it. */
export function placesOf(wanted: NewFunction, existing: readonly FunctionInfo[]): Place[] {
  const { name, service } = wanted
  return [
    { path: 'scripts/topology.ts', add: (text) => addToTopology(text, wanted, existing) },
    { path: 'knative/functions/kustomization.yaml', add: (text) => addResource(text, name) },
    { path: `knative/databases/${service}/network.yaml`, add: (text) => addToNetwork(text, name) },
    { path: `knative/databases/${service}/size.conf`, add: addConnections },
    ...['local', 'production'].flatMap((overlay) => [
      { path: `knative/overlays/${overlay}/kustomization.yaml`, add: (text: string) => addImage(text, name) },
      { path: `knative/overlays/${overlay}/databases/${service}.conf`, add: addConnections },
    ]),
    { path: 'knative/overlays/production/disruption.yaml', add: (text) => addBudget(text, name) },
    { path: 'skaffold.yaml', add: (text) => addArtifacts(text, name) },
    { path: 'docs/architecture.md', add: (text) => addArrow(text, wanted) },
    { path: 'docs/scale.md', add: (text) => addToArithmetic(text, service) },
    {
      path: 'README.md',
      add: (text) =>
        insertAfterLast(text, /^\| \[[\w-]+\]\(functions\/.*$/gm, `| [${name}](functions/${name}) | tells the time | ${service} |`),
    },
  ]
}

function addToTopology(text: string, { name, service, role }: NewFunction, existing: readonly FunctionInfo[]): string {
  const end = '} as const satisfies Record<string, FunctionInfo>'
  const offset = Math.max(...existing.map((info) => info.offset)) + 1
  const key = name.includes('-') ? `'${name}'` : name
  const line = `  ${key}: { database: { service: '${service}', role: '${role}' }, protocol: 'http', offset: ${offset}, calls: [] },\n`
  return replaceOnce(text, end, line + end)
}

const addResource = (text: string, name: string) =>
  insertSorted(text, entriesOf(text, /^ {2}- (?<name>[a-z0-9-]+)\.yaml\n/gm), { name, text: `  - ${name}.yaml\n` })

function addImage(text: string, name: string): string {
  const images = entriesOf(text, /^ {2}- \{ name: shop\/(?<name>[a-z0-9-]+), .*\n/gm).filter((image) => image.name !== 'migrate')
  const [like] = images
  if (!like) throw new NoPlace('there is no image of a function in it')
  return insertSorted(text, images, { name, text: like.text.replaceAll(`shop/${like.name},`, `shop/${name},`) })
}

/** From both sides: into the database, and out of the function. */
function addToNetwork(text: string, name: string): string {
  const list = /(key: serving\.knative\.dev\/service, operator: In, values: \[)([^\]]+)(?=\])/g
  if (text.match(list)?.length !== 2) throw new NoPlace('it does not list the functions twice')
  return text.replaceAll(list, `$1$2, ${name}`)
}

function addBudget(text: string, name: string): string {
  const budget =
    /^apiVersion: policy\/v1\n(?:(?!---).*\n)*? {2}name: (?<name>[\w-]+)\n(?:(?!---).*\n)*? +serving\.knative\.dev\/service: .*\n---\n/gm
  const budgets = entriesOf(text, budget)
  const [like] = budgets
  if (!like) throw new NoPlace('there is no budget of a function in it')
  return insertSorted(text, budgets, { name, text: like.text.replaceAll(new RegExp(`: ${like.name}$`, 'gm'), `: ${name}`) })
}

/** In each list that ends with the image of the migration, made like the artifact before that one. */
function addArtifacts(text: string, name: string): string {
  const lastOfList = /^( +- image: \S+\/shop\/)([\w-]+)\n(?:(?! +- image:).*\n)+(?= +- image: \S+\/shop\/migrate$)/gm
  if (text.match(lastOfList)?.length !== 3) throw new NoPlace('it does not have three lists that end with the image of the migration')
  return text.replaceAll(lastOfList, (artifact: string, _, like: string) => {
    const ownName = new RegExp(`(?<=shop/|FUNCTION: |image -- |functions/)${like}(?![\\w-])`, 'g')
    return artifact + artifact.replaceAll(ownName, name)
  })
}

/** Twice what its pods take: a revision that replaces another has pods while that one still has its own. */
function addConnections(text: string): string {
  const counted = /^# (\d+) functions? x (\d+) pods x (\d+) connections(.*? of the sweeper)?(?: = (\d+))?/
  const limit = /^max_connections = (\d+)$/m
  const [count, functions, pods, pool, others = '', sum] = counted.exec(text) ?? []
  const [line, max] = limit.exec(text) ?? []
  if (count === undefined || line === undefined) throw new NoPlace('it does not count the connections in its first line, or limits none')
  const more = Number(pods) * Number(pool)
  const total = sum === undefined ? '' : ` = ${Number(sum) + more}`
  return text
    .replace(count, `# ${Number(functions) + 1} functions x ${pods} pods x ${pool} connections${others}${total}`)
    .replace(line, `max_connections = ${Number(max) + 2 * more}`)
}

function addArrow(text: string, { name, service, role }: NewFunction): string {
  const arrow = role === 'writer' ? '== writes ==>' : '-. reads .->'
  const node = new RegExp(`==> ([\\w-]+)\\[\\(${service}\\)\\]`).exec(text)?.[1]
  if (node === undefined) throw new NoPlace(`its picture has no database ${service}`)
  return insertAfterLast(
    text,
    new RegExp(`^ {2}[\\w-]+ (?:== writes ==>|-\\. reads \\.->) ${node}\\b.*$`, 'gm'),
    `  ${name} ${arrow} ${node}`,
  )
}

/** The same sum as in the base's size.conf, doubled. */
function addToArithmetic(text: string, service: string): string {
  const sum = new RegExp(`(?<=\\b${service} )(?:(\\d+) functions × 10 × 4 × 2 = )?(\\d+) of (\\d+)`)
  if (!sum.test(text)) throw new NoPlace(`it does not count the connections of ${service}`)
  return text.replace(sum, (_, functions: string | undefined, used: string, limit: string) => {
    const factors = functions === undefined ? '' : `${Number(functions) + 1} functions × 10 × 4 × 2 = `
    return `${factors}${Number(used) + 80} of ${Number(limit) + 80}`
  })
}
