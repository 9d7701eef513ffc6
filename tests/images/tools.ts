import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const root = join(import.meta.dirname, '..', '..')

const needed = ['buildah', 'podman', 'runc', 'busybox']

/** Why images cannot be built and run on this machine; `undefined` when they can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'images are built on Linux only'
  if (process.getuid?.() !== 0) return 'this needs root: a user has no uids to give to the containers'
  const missing = needed.filter((tool) => !which(tool))
  return missing.length === 0
    ? undefined
    : `${missing.join(', ')} not found. On Debian: apt-get install buildah podman runc uidmap fuse-overlayfs containernetworking-plugins busybox-static`
}

/** Where REQUIRE_IMAGES is set the tools must be there: without them the run fails instead of passing with less. */
export const mustRun = process.env['REQUIRE_IMAGES'] === '1'

/** Runs a tool to its end and gives what it printed; rejects with what it complained of. */
export async function run(tool: string, args: readonly string[], { timeoutMs = 60_000 } = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(tool, args, { cwd: root, timeout: timeoutMs, maxBuffer: 64 << 20 })
    return stdout.trim()
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string }
    throw new Error(`${tool} ${args[0]} failed: ${`${stdout}\n${stderr}`.trim().slice(-2_000)}`, { cause: error })
  }
}

function which(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, tool)))
}

/** The shared libraries of a program, as absolute paths, with the loader among them; none of one that is linked statically. */
export function librariesOf(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' })
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(/g)].map(([, path = '']) => path)
}
