/** Does one piece of work after another, `atOnce` at a time, until time is up; resolves with how many per second. */
export async function measureRate(work: () => Promise<unknown>, { atOnce, seconds }: { atOnce: number; seconds: number }): Promise<number> {
  const startedAt = performance.now()
  const end = startedAt + seconds * 1_000
  let count = 0
  const worker = async () => {
    while (performance.now() < end) {
      await work()
      count += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return (count / (performance.now() - startedAt)) * 1_000
}
