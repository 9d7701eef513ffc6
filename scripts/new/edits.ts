/** A text, or why the new thing has no place in it. */
export class NoPlace extends Error {}

/** One of the lines or blocks that a file has of each function, in the order of their names. */
export type Entry = { readonly name: string; readonly text: string }

/** Puts an entry where its name belongs among the others; what stands after them stays after them. */
export function insertSorted(text: string, existing: readonly Entry[], added: Entry): string {
  const next = existing.find(({ name }) => name > added.name)
  if (next) return replaceOnce(text, next.text, added.text + next.text)
  const last = existing.at(-1)
  if (!last) throw new NoPlace('there is no function in it')
  return replaceOnce(text, last.text, last.text + added.text)
}

/** Replaces what is there exactly once. */
export function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new NoPlace(`it does not have this once: ${JSON.stringify(from)}`)
  return text.replace(from, () => to)
}

/** Adds a line after the last one that matches. */
export function insertAfterLast(text: string, pattern: RegExp, line: string): string {
  const last = [...text.matchAll(pattern)].at(-1)
  if (!last) throw new NoPlace(`no line matches ${pattern.source}`)
  const end = last.index + last[0].length
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`
}

/** What matches a pattern, named by its group `name`. */
export const entriesOf = (text: string, pattern: RegExp): Entry[] =>
  [...text.matchAll(pattern)].map((found) => ({ name: found.groups?.['name'] ?? '', text: found[0] }))
