/** Runs a step: one that takes more than a second says so, one that fails is named in the error. */
export type Progress = {
  <T>(label: string, work: () => Promise<T>): Promise<T>
  readonly say: (line: string) => void
}

/** Progress that is told line by line. No step begins once the signal is aborted. */
export function reportProgress(say: (line: string) => void, signal?: AbortSignal): Progress {
  const run = async <T>(label: string, work: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted()
    const start = performance.now()
    const started = setTimeout(() => say(`${label} …`), 1_000)
    try {
      const result = await work()
      const seconds = (performance.now() - start) / 1_000
      if (seconds > 1) say(`${label}: ${seconds.toFixed(1)} s`)
      return result
    } catch (error) {
      throw new Error(`${label}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    } finally {
      clearTimeout(started)
    }
  }
  return Object.assign(run, { say })
}
