import type { Goal } from './goal.ts'

/** What a suite found: its goals, and everything it measured, which is kept as JSON. */
export type Findings = { readonly goals: readonly Goal[]; readonly measured: unknown }

/** Measures something beside its limit in the same run, and tells `say` what it sees. Rejects when a measurement fails. */
export type Suite = (options: {
  readonly pairs: number
  readonly only: readonly string[]
  readonly say: (line: string) => void
}) => Promise<Findings>
