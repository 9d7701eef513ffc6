import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeBoards } from '../../knative/observability/grafana/boards.ts'

/** Where Grafana finds its boards, from the root of the repository. */
export const boardsFolder = 'knative/observability/grafana/dashboards'

/** Writes every board of Grafana below `folder`, under its uid. */
export async function writeBoards(folder: string) {
  const path = join(folder, boardsFolder)
  await mkdir(path, { recursive: true })
  await Promise.all(makeBoards().map((board) => writeFile(join(path, `${board.uid}.json`), `${JSON.stringify(board, null, 2)}\n`)))
}
