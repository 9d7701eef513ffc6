import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generated, generateInto } from '../generate/generated.ts'
import { root } from './tool.ts'

/** Generates everything again, elsewhere; tells which committed files differ. */
export async function findStaleFiles(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-generated-'))
  try {
    await generateInto(folder)
    const [made, committed] = await Promise.all([contents(folder), contents(root)])
    const stale = [...new Set([...made.keys(), ...committed.keys()])].filter((file) => made.get(file) !== committed.get(file))
    return stale.length === 0 ? undefined : stale.map((file) => `${file} is not what would be generated now`).join('\n')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function contents(folder: string): Promise<Map<string, string>> {
  const files = await Promise.all(generated.map((path) => filesBelow(folder, path)))
  const entries = files.flat().map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)
  return new Map(await Promise.all(entries))
}

async function filesBelow(folder: string, path: string): Promise<string[]> {
  const found = await stat(join(folder, path)).catch(() => undefined)
  if (!found?.isDirectory()) return found ? [path] : []
  const entries = await readdir(join(folder, path), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
