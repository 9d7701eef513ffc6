import { isBusy, somePorts } from '../../scripts/ports.ts'

/** A port of this machine that nothing listens on, for what must know its port before it listens. */
export async function freePort(): Promise<number> {
  for (const port of somePorts(20)) if (!(await isBusy(port))) return port
  throw new Error('Found no free port')
}
