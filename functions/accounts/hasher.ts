import { hashPassword, verifyPassword } from '#shared/password/password.ts'
import { Problem, problems } from '#shared/problem/problem.ts'

/** Hashes and verifies passwords, at the same cost. */
export type Hasher = {
  readonly hash: (password: string) => Promise<string>
  readonly verify: (phc: string, password: string) => Promise<boolean>
}

/** Each hash takes 19 MiB and a thread: two at once leave room for the rest, and a place in the queue is served within a second. */
const limits = { atOnce: 2, waiting: 32 }

/** A hasher that works on a few passwords at once and lets a few more wait; whoever comes then gets 503 with `Retry-After`. */
export function limitedHasher(hasher: Hasher = { hash: hashPassword, verify: verifyPassword }, { atOnce, waiting } = limits): Hasher {
  let underWay = 0
  const queue: (() => void)[] = []

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (underWay < atOnce) underWay += 1
    else if (queue.length < waiting) await new Promise<void>((resolve) => queue.push(resolve))
    else throw new Problem(problems.unavailable, 'Too many people log in at once', { headers: { 'retry-after': '1' } })
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else underWay -= 1
    }
  }

  return {
    hash: (password) => inTurn(() => hasher.hash(password)),
    verify: (phc, password) => inTurn(() => hasher.verify(phc, password)),
  }
}
