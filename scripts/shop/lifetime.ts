/** How long two signals count as one: at Ctrl-C npm forwards the one that the terminal has sent already. */
const echoMs = 500
const parentPollMs = 500

/**
 * Is aborted when this process is told to end: SIGINT, SIGTERM, SIGHUP, or npm, which started it, was killed. A second signal
 * ends it at once; what it started notices by its closed channel.
 */
export function untilTold(): AbortSignal {
  const told = new AbortController()
  let firstAt = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (told.signal.aborted && performance.now() - firstAt > echoMs) process.exit(1)
      if (told.signal.aborted) return
      firstAt = performance.now()
      told.abort(new Error(`Stopped by ${signal}`))
    })
  }
  if (process.env['npm_lifecycle_event'] !== undefined) {
    const parent = process.ppid
    // A killed npm sends nothing: all that shows is that another process has become the parent.
    setInterval(() => {
      if (process.ppid !== parent) told.abort(new Error('npm is gone'))
    }, parentPollMs).unref()
  }
  return told.signal
}

/** Settles when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
