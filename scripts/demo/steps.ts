import { inspect, isDeepStrictEqual } from 'node:util'

export type Steps = {
  /** Does one step and prints what it saw; an error says which step it was and what differed. */
  readonly step: (title: string, work: () => Promise<string>) => Promise<void>
  /** Prints how far a long step is. */
  readonly note: (line: string) => void
  readonly count: () => number
}

const TITLE_WIDTH = 45

/** Numbers steps and prints one line for each. */
export function countSteps(say: (line: string) => void): Steps {
  let count = 0
  const number = () => String(count).padStart(2)
  return {
    step: async (title, work) => {
      count += 1
      try {
        say(`${number()}  ${title.padEnd(TITLE_WIDTH)} ${await work()}`)
      } catch (error) {
        throw new Error(`step ${count}, "${title}": ${error instanceof Error ? error.message : String(error)}`, { cause: error })
      }
    },
    note: (line) => say(`${number()}  … ${line}`),
    count: () => count,
  }
}

/** Throws what differed when something is not as expected. */
export function mustBe(what: string, saw: unknown, expected: unknown): void {
  if (isDeepStrictEqual(saw, expected)) return
  const show = (value: unknown) => inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 6 })
  throw new Error(`${what} should be ${show(expected)} and is ${show(saw)}`)
}
