import { readdirSync, readFileSync } from 'node:fs'

type Process = { readonly pid: number; readonly parent: number }

/** Every live process of this machine. A zombie has ended, whether or not its parent has asked how. */
function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return state === 'Z' || state === 'X' ? [] : [{ pid: Number(name), parent: Number(parent) }]
      } catch {
        return []
      }
    })
}

/** The process and all that descend from it. */
export function familyOf(pid: number): number[] {
  const all = processes()
  const family = [pid]
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member).map((child) => child.pid))
  return family
}

/** Those of the processes that still live. */
export function livingOf(pids: readonly number[]): number[] {
  const living = new Set(processes().map(({ pid }) => pid))
  return pids.filter((pid) => living.has(pid))
}
