import { cpSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FunctionName } from '../../scripts/topology.ts'
import { BASE_IMAGE, BUILD_IMAGE } from './stand-in.ts'
import { root, run } from './tools.ts'

/** Every image that the Dockerfile makes. */
export type ImageName = FunctionName | 'migrate'

/** Packages are installed once and then found in the layers of the build before. */
const BUILD_MS = 15 * 60_000

export const tagOf = (name: ImageName) => `localhost/shop/${name}:test`

const sources = [
  'Dockerfile',
  '.dockerignore',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'functions',
  'shared',
  'db',
  'scripts',
  'bench',
]

/** Copies what images are built from: what is edited meanwhile is of no image of the copy, and what a test edits there of no other. */
export function copyContext(to: string): void {
  for (const path of sources) cpSync(join(root, path), join(to, path), { recursive: true, preserveTimestamps: true })
}

/** Builds an image by the Dockerfile of a checkout, on the stand-ins, and gives its digest. */
export async function buildImage(name: ImageName, context: string = root): Promise<string> {
  const what = name === 'migrate' ? ['--target', 'migrate'] : ['--build-arg', `FUNCTION=${name}`]
  const on = ['--build-arg', `BASE_IMAGE=${BASE_IMAGE}`, '--build-arg', `BUILD_IMAGE=${BUILD_IMAGE}`]
  await run('buildah', ['build', '--isolation', 'chroot', '--layers', ...on, ...what, '--tag', tagOf(name), context], {
    timeoutMs: BUILD_MS,
  })
  return run('podman', ['image', 'inspect', '--format', '{{.Id}}', tagOf(name)])
}

export type ImageConfig = {
  User: string
  Entrypoint: string[]
  Cmd?: string[]
  Labels: Record<string, string>
  Env: string[]
  WorkingDir: string
}

/** What an image says about how it is run. */
export async function configOf(name: ImageName): Promise<ImageConfig> {
  return JSON.parse(await run('podman', ['image', 'inspect', '--format', '{{json .Config}}', tagOf(name)])) as ImageConfig
}

/** Every file of an image's file system, as the path in it and the bytes it takes; `read` gives the folder it is mounted at. */
export async function withFiles<T>(name: ImageName, look: (folder: string) => T): Promise<T> {
  const folder = await run('podman', ['image', 'mount', tagOf(name)])
  try {
    return look(folder)
  } finally {
    await run('podman', ['image', 'unmount', tagOf(name)])
  }
}

/** The files below a folder with their sizes. */
export function filesIn(folder: string): { readonly path: string; readonly bytes: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(folder.length + 1), bytes: statSync(path).size }))
}
