import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundle } from './bundle.ts'

test('a bundle is plain ASCII, as the loader reads it, and its SQL still says what the source says', async () => {
  const dist = await mkdtemp(join(tmpdir(), 'shop-dist-'))
  onTestFinished(() => rm(dist, { recursive: true }))
  await bundle(['pricing'], dist)
  const code = await readFile(join(dist, 'pricing', 'app.cjs'), 'utf8')
  expect([...code.matchAll(/[^\0-\x7f]/g)].map(String)).toEqual([])
  expect(code).toContain("p.title || ' \\u2013 ' || v.title")
})
