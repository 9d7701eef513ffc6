import type { Observers } from '../observers.ts'
import type { Shop } from './options.ts'

/** The functions, and what watches them, with their addresses and pids, as aligned lines. */
export function tableOf({ names, urls, metricsUrls, pid }: Shop, observers?: Observers): string {
  const rows = names.map((name) => [name, urls[name], `${metricsUrls[name]}/metrics`, String(pid(name))])
  const all = [['function', 'url', 'metrics', 'pid'], ...rows, ...observerRows(observers)]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function observerRows(observers: Observers | undefined): string[][] {
  if (!observers?.url) return []
  const { url, exporterUrls, pids } = observers
  const exporters = Object.entries(exporterUrls).map(([service, exporter]) => [`exporter of ${service}`, exporter])
  return [['prometheus', url], ...exporters].map(([name = '', address = ''], index) => [
    name,
    address,
    `${address}/metrics`,
    String(pids[index]),
  ])
}
