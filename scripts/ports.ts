import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const lowest = 20_000
const highest = 32_767

/** Some ports to try one after the other: below the range that the system hands out to outgoing connections. */
export function portsForTests(count: number): number[] {
  return Array.from({ length: count }, () => randomInt(lowest, highest + 1))
}

/** Whether something on 127.0.0.1 already listens there. */
export function isBusy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(true))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)))
  })
}
