import type { GridPos } from '@grafana/grafana-foundation-sdk/dashboard'

const columns = 24

type Size = Pick<GridPos, 'w' | 'h'>

/**
 * Places panels of the given sizes below `top`, each as far up and then as far to the left as it fits; tells where they are and
 * where they end.
 */
export function layOut(sizes: readonly Size[], top: number): { readonly positions: readonly GridPos[]; readonly bottom: number } {
  const filled = Array.from({ length: columns }, () => top)
  const positions = sizes.map(({ w, h }) => {
    const tops = Array.from({ length: columns - w + 1 }, (_, x) => Math.max(...filled.slice(x, x + w)))
    const y = Math.min(...tops)
    const x = tops.indexOf(y)
    filled.fill(y + h, x, x + w)
    return { x, y, w, h }
  })
  return { positions, bottom: Math.max(...filled) }
}
