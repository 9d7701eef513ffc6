/** A figure that must not be exceeded, or must be reached. */
export type Goal = { readonly id: string; readonly value: number; readonly relation: '<=' | '>='; readonly target: number }

/** Judged by the figure as it is printed, so that a line never contradicts itself. */
export const isMet = ({ value, relation, target }: Goal): boolean =>
  relation === '<=' ? Number(value.toFixed(2)) <= target : Number(value.toFixed(2)) >= target

const printed = (target: number) => (Number.isInteger(target * 10) ? target.toFixed(1) : String(target))

/** The line that says whether a goal is met. */
export const goalLine = (goal: Goal): string =>
  `goal: ${goal.id} ${goal.value.toFixed(2)} ${goal.relation} ${printed(goal.target)} ${isMet(goal) ? 'met' : 'short'}`
