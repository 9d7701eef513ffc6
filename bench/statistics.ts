/** The middle value, and how far the others lie from it. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number }

/** Summarises measurements; there must be one at least. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (index: number) => {
    const value = sorted[index]
    if (value === undefined) throw new Error('Nothing was measured')
    return value
  }
  const middle = (sorted.length - 1) / 2
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) }
}
