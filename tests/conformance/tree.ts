import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A source file: its path from the root, its text, and the specifiers it imports. */
export type Source = { readonly path: string; readonly text: string; readonly imports: readonly string[] }

const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** The names in a folder of the repository. */
export const namesIn = (folder: string): string[] => readdirSync(join(root, folder)).toSorted()

/** The folders in a folder of the repository. */
export const foldersIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()

/** Every hand-written TypeScript file below a folder. */
export function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.split(sep).includes('gen'))
    .map((entry) => {
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8')
      const imports = [...text.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? '')
      return { path: relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'), text, imports }
    })
}

/** What a file is part of: `functions/<name>`, `db/<service>`, `shared/<folder>`. */
export const unitOf = (path: string): string => path.split('/').slice(0, 2).join('/')

/** A text file of the repository. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')
