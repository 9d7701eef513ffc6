import { randomUUID } from 'node:crypto'
import { type ImageName, tagOf } from './images.ts'
import { run } from './tools.ts'

export type Env = Readonly<Record<string, string>>

export type Container = {
  /** As the machine sees it. */
  readonly pid: () => Promise<number>
  readonly logs: () => Promise<string>
  /** Runs a program inside. */
  readonly exec: (...command: string[]) => Promise<string>
  /** Sends SIGTERM; gives the exit code and how long it took to end. */
  readonly terminate: () => Promise<{ readonly exitCode: number; readonly ms: number }>
  /** The exit code, once it has ended by itself. */
  readonly ended: () => Promise<number>
  readonly remove: () => Promise<void>
}

// As Knative runs it: nothing writable, no capability, no way to more rights. The limits are for machines whose own are
// lower than what podman asks for.
const restricted = `--runtime runc run --detach --network host --read-only --read-only-tmpfs=false --cap-drop all
  --security-opt no-new-privileges --ulimit nofile=1024:1024 --ulimit nproc=1024:1024`.split(/\s+/)

export type Options = {
  /** Folders of the machine, by where they are seen inside; nothing can be written there either. */
  readonly mounts?: Readonly<Record<string, string>>
  /** What Node gets instead of the program. */
  readonly command?: readonly string[]
}

/** Starts an image under runc on the machine's own network. */
export async function startContainer(image: ImageName, env: Env, options: Options = {}): Promise<Container> {
  const name = `shop-test-${image}-${randomUUID().slice(0, 8)}`
  const variables = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
  const mounts = Object.entries(options.mounts ?? {}).flatMap(([inside, folder]) => ['--volume', `${folder}:${inside}:ro`])
  const instead = options.command ? ['--entrypoint', 'node', tagOf(image), ...options.command] : [tagOf(image)]
  await run('podman', [...restricted, '--name', name, ...variables, ...mounts, ...instead])
  const inspect = (format: string) => run('podman', ['inspect', '--format', format, name])
  return {
    pid: async () => Number(await inspect('{{.State.Pid}}')),
    logs: () => run('podman', ['logs', name]),
    exec: (...command) => run('podman', ['--runtime', 'runc', 'exec', name, ...command]),
    terminate: async () => {
      const startedAt = performance.now()
      await run('podman', ['kill', '--signal', 'TERM', name])
      const exitCode = Number(await run('podman', ['wait', '--interval', '20ms', name]))
      return { exitCode, ms: performance.now() - startedAt }
    },
    ended: async () => Number(await run('podman', ['wait', '--interval', '20ms', name], { timeoutMs: 0 })),
    remove: async () => {
      await run('podman', ['rm', '--force', '--time', '0', name])
    },
  }
}

/** Runs an image to its end; rejects with what it printed when it does not exit with 0. */
export async function runToEnd(image: ImageName, env: Env, options: Options = {}): Promise<string> {
  const container = await startContainer(image, env, options)
  try {
    const exitCode = await container.ended()
    const printed = await container.logs()
    if (exitCode !== 0) throw new Error(`${image} ended with ${exitCode}: ${printed}`)
    return printed
  } finally {
    await container.remove()
  }
}
