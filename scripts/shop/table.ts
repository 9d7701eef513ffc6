import type { Shop } from './options.ts'

/** The functions with their addresses and pids, as aligned lines. */
export function tableOf({ names, urls, metricsUrls, pid }: Shop): string {
  const rows = names.map((name) => [name, urls[name], `${metricsUrls[name]}/metrics`, String(pid(name))])
  const all = [['function', 'url', 'metrics', 'pid'], ...rows]
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
