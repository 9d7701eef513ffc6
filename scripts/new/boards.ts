import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { boardsFolder } from '../generate/boards.ts'

/** Writes what is generated from the topology anew; gives the paths of the boards that changed. */
export async function generateBoards(root: string): Promise<string[]> {
  const before = boardsIn(root)
  // In a process of its own: this one has the topology as it was.
  await promisify(execFile)(process.execPath, [join(root, 'scripts', 'generate.ts')], { cwd: root })
  return [...boardsIn(root)].filter(([path, text]) => before.get(path) !== text).map(([path]) => path)
}

const boardsIn = (root: string) =>
  new Map(
    readdirSync(join(root, boardsFolder)).map((file) => [join(boardsFolder, file), readFileSync(join(root, boardsFolder, file), 'utf8')]),
  )
