import { expect, test } from 'vitest'
import { limitedHasher } from './hasher.ts'

/** Work that goes on until it is told to end. */
function slowHasher() {
  const underWay: { password: string; end: (error?: Error) => void }[] = []
  const work = (password: string) =>
    new Promise<string>((resolve, reject) => underWay.push({ password, end: (error) => (error ? reject(error) : resolve(password)) }))
  return { underWay, hasher: { hash: work, verify: async (_: string, password: string) => (await work(password)) !== '' } }
}

test('only a few passwords are worked on at once, the others wait in the order they came', async () => {
  const { underWay, hasher } = slowHasher()
  const limited = limitedHasher(hasher, { atOnce: 2, waiting: 8 })
  const done = Promise.all(['a', 'b', 'c', 'd'].map(limited.hash))
  const begun: string[] = []
  while (begun.length < 4) {
    await Promise.resolve()
    expect(underWay.length).toBeLessThanOrEqual(2)
    const next = underWay.shift()
    if (next) begun.push(next.password)
    next?.end()
  }
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
  expect(await done).toEqual(['a', 'b', 'c', 'd'])
})

test('when too many wait, the next is told to come back instead of taking memory', async () => {
  const { underWay, hasher } = slowHasher()
  const limited = limitedHasher(hasher, { atOnce: 1, waiting: 1 })
  const first = limited.hash('first')
  const second = limited.verify('phc', 'second')
  await expect(limited.hash('third')).rejects.toMatchObject({ type: { status: 503 }, headers: { 'retry-after': '1' } })
  underWay.shift()?.end()
  await first
  underWay.shift()?.end()
  expect(await second).toBe(true)
})

test('work that fails gives its place to the next', async () => {
  const { underWay, hasher } = slowHasher()
  const limited = limitedHasher(hasher, { atOnce: 1, waiting: 1 })
  const [failing, waiting] = [limited.hash('failing'), limited.hash('waiting')]
  underWay.shift()?.end(new Error('out of memory'))
  await expect(failing).rejects.toThrow('out of memory')
  underWay.shift()?.end()
  expect(await waiting).toBe('waiting')
})
