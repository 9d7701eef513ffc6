import type { Around, Step } from './shop.ts'

/** Holds a runner up right before its first `step`, as a slow network would. */
export function pauseBefore(step: Step) {
  const reached = Promise.withResolvers<void>()
  const resumed = Promise.withResolvers<void>()
  let paused = false
  const around: Around = async (current, run) => {
    if (current === step && !paused) {
      paused = true
      reached.resolve()
      await resumed.promise
    }
    return run()
  }
  return { around, reached: reached.promise, resume: resumed.resolve }
}

/** Kills a runner: at the given step nothing more happens, either before it takes effect or before its answer is heard. */
export function killAt(step: Step, moment: 'before' | 'after') {
  const killed = Promise.withResolvers<void>()
  let dead = false
  const never = new Promise<never>(() => {})
  const around: Around = async (current, run) => {
    if (dead) return never
    if (current !== step) return run()
    dead = true
    if (moment === 'after') await run()
    killed.resolve()
    return never
  }
  return { around, killed: killed.promise }
}

/** Kills a runner at its nth step of any kind. */
export function killAtStep(count: number, moment: 'before' | 'after') {
  const killed = Promise.withResolvers<'killed'>()
  const never = new Promise<never>(() => {})
  let steps = 0
  const around: Around = async (_, run) => {
    steps += 1
    if (steps < count) return run()
    if (steps === count && moment === 'after') await run()
    killed.resolve('killed')
    return never
  }
  return { around, killed: killed.promise }
}
