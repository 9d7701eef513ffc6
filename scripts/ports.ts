import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Ports of tests and demos lie below the range that the system hands out to outgoing connections. */
export const lowestTestPort = 20_000
export const highestTestPort = 32_767

/** Some ports to try one after the other. */
export function somePorts(count: number): number[] {
  return Array.from({ length: count }, () => randomInt(lowestTestPort, highestTestPort + 1))
}

/** Whether 127.0.0.1 refuses to listen there, most often because something already does. */
export function isBusy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(true))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)))
  })
}
