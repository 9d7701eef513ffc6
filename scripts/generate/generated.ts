import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { boardsFolder, writeBoards } from './boards.ts'
import { makeOpenApi } from './openapi.ts'

const root = join(import.meta.dirname, '..', '..')

/** What `generateInto` writes, from the root of the repository. */
export const generated = ['shared/proto/gen', 'functions/edge/assets/openapi.json', boardsFolder] as const

/** Writes every generated file below `folder`: messages and services of the .proto files, the merged OpenAPI document, and the boards. */
export async function generateInto(folder: string) {
  await Promise.all([writeMessages(folder), writeOpenApi(folder), writeBoards(folder)])
}

async function writeMessages(folder: string) {
  const buf = join(root, 'node_modules', '.bin', 'buf')
  const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` }
  await promisify(execFile)(buf, ['generate', '--output', folder], { cwd: root, env })
}

async function writeOpenApi(folder: string) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const path = join(folder, 'functions', 'edge', 'assets', 'openapi.json')
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${JSON.stringify(await makeOpenApi(version), null, 2)}\n`)
}
