import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Who PostgreSQL runs as when it cannot run as the caller. */
export type Account = { readonly uid: number; readonly gid: number }

/** The account to drop to: PostgreSQL refuses to run as root. `undefined` means that the caller's own account will do. */
export function findAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  // initdb asks for the name of its user, so the uid must be one that the machine knows.
  const known = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid > 0)
  const account = known.find(({ name }) => name === 'nobody') ?? known[0]
  if (!account) throw new Error('PostgreSQL does not run as root, and /etc/passwd names no other user')
  return { uid: account.uid, gid: account.gid }
}

/** Whether the account may pass through `path` (a folder), or run it (a file), and through every folder that leads to it. */
export function canEnter(path: string, account: Account | undefined): boolean {
  if (!account) return true
  for (let place = realpathSync(path); ; place = dirname(place)) {
    const { mode, uid, gid } = statSync(place)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (place === dirname(place)) return true
  }
}
