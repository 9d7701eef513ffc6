/** Runs a step; one that takes more than a second says so, and says when it is done. */
export type Progress = {
  <T>(label: string, work: () => Promise<T>): Promise<T>
  readonly say: (line: string) => void
}

/** Progress that is told line by line. */
export function reportProgress(say: (line: string) => void): Progress {
  const run = async <T>(label: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now()
    const started = setTimeout(() => say(`${label} …`), 1_000)
    try {
      const result = await work()
      const seconds = (performance.now() - start) / 1_000
      if (seconds > 1) say(`${label}: ${seconds.toFixed(1)} s`)
      return result
    } finally {
      clearTimeout(started)
    }
  }
  return Object.assign(run, { say })
}
