import { counter, gauge, histogram, observedCounter } from './metrics.ts'

const coldStarts = counter('faas.coldstarts', { description: 'Processes started, each for its first request', unit: '{coldstart}' })
const initDuration = histogram('faas.init_duration', {
  description: 'From the start of the process until it accepts requests',
  unit: 's',
  buckets: [0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5],
})

/** Measures what this process uses: CPU time, memory and how long it has been up (OpenTelemetry process conventions). */
export function measureProcess(): void {
  observedCounter('process.cpu.time', { description: 'CPU time used', unit: 's' }, () => {
    const { user, system } = process.cpuUsage()
    return [
      [user / 1e6, { 'cpu.mode': 'user' }],
      [system / 1e6, { 'cpu.mode': 'system' }],
    ]
  })
  gauge('process.memory.usage', { description: 'Resident memory', unit: 'By' }, () => [[process.memoryUsage.rss(), {}]])
  gauge('process.uptime', { description: 'How long the process has been running', unit: 's' }, () => [[process.uptime(), {}]])
}

/** Counts a start from zero, once the process accepts requests. */
export function countStart(): void {
  coldStarts.add(1)
  // Counted from the moment the process was made: the time it takes Node to begin is part of it.
  initDuration.record(performance.now() / 1000)
}
