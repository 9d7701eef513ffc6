import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionNames } from '../../scripts/topology.ts'
import { runToEnd } from './containers.ts'
import { buildImage, configOf, copyContext, filesIn, type ImageName, withFiles } from './images.ts'
import { makeStandIns } from './stand-in.ts'
import { mustRun, root, whyNot } from './tools.ts'

const missing = whyNot()
if (missing !== undefined) console.warn(`No image was built or run: ${missing}`)

const MB = 1024 * 1024
const images: readonly ImageName[] = [...functionNames, 'migrate']
const shipped = /^(main|app|telemetry|[a-z-]+)\.cjs(\.cache)?$/

describe.skipIf(missing !== undefined && !mustRun)(`images of functions${missing === undefined ? '' : ` (left out: ${missing})`}`, () => {
  let context = ''

  beforeAll(async () => {
    await makeStandIns()
    context = mkdtempSync(join(tmpdir(), 'shop-context-'))
    copyContext(context)
  })
  afterAll(() => rmSync(context, { recursive: true, force: true }))

  test.each(images)('the image of %s holds what it runs and nothing else', { timeout: 20 * 60_000 }, async (name) => {
    await buildImage(name, context)
    await withFiles(name, (folder) => {
      const files = filesIn(join(folder, 'app'))
      const code = files.filter(({ path }) => shipped.test(path))
      const wanted = name === 'migrate' ? ['main.cjs'] : ['main.cjs', 'app.cjs', 'app.cjs.cache', 'telemetry.cjs.cache']
      expect(code.map(({ path }) => path)).toEqual(expect.arrayContaining(wanted))
      const others = files.filter((file) => !code.includes(file)).map(({ path }) => path)
      const own =
        name === 'migrate' ? /^(users|inventory|orders|payments)\/migrations\/.*\.(sql|json)$/ : name === 'edge' ? /^assets\// : /^$/
      expect(others.filter((path) => !own.test(path))).toEqual([])
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
      console.log(`image of ${name}: ${(bytes / MB).toFixed(1)} MB on top of its base`)
      // edge brings the API reference along.
      expect(bytes).toBeLessThan((name === 'edge' ? 16 : 10) * MB)
      for (const { path } of code) expect(secretsIn(readFileSync(join(folder, 'app', path), 'latin1'))).toEqual([])
      expect(filesIn(folder).filter(({ path }) => /node_modules|\.ts$|\.map$|^src\//.test(path))).toEqual([])
    })
  })

  test.each(images)('the image of %s runs as nobody in particular, node first, and says what it is', async (name) => {
    const { User, Entrypoint, Cmd, Labels, Env, WorkingDir } = await configOf(name)
    expect([User, Entrypoint, Cmd ?? [], WorkingDir]).toEqual(['65532:65532', ['node', 'main.cjs'], [], '/app'])
    expect(Labels).toMatchObject({ 'org.opencontainers.image.title': `shop/${name}`, 'org.opencontainers.image.licenses': 'Apache-2.0' })
    expect(new Set(Env.map((entry) => entry.split('=')[0]))).toEqual(new Set(['NODE_ENV', 'PATH']))
  })

  test('the code caches are accepted by the Node in the image', async () => {
    const check = `const { readFileSync: r } = require('fs'); const s = new (require('vm').Script)(r('/app/app.cjs', 'latin1'), {
      filename: '/app/app.cjs', cachedData: r('/app/app.cjs.cache') }); console.log('rejected', s.cachedDataRejected)`
    for (const name of functionNames) expect(await runToEnd(name, {}, { command: ['-e', check] })).toBe('rejected false')
  })

  test('a build that names no function, or one that does not exist, says what to choose from', { timeout: 10 * 60_000 }, async () => {
    await expect(buildImage('nothing' as ImageName, context)).rejects.toThrow(/nothing/)
  })

  test('nothing that is ignored by git, and no test, reaches a build', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8')
    expect(ignored.split('\n').find((line) => line !== '' && !line.startsWith('#'))).toBe('*')
    for (const path of ['.git', 'node_modules', 'dist', 'knative', '.data'])
      expect(ignored).not.toMatch(new RegExp(`^!${path.replace('.', '\\.')}`, 'm'))
    expect(existsSync(join(root, 'Dockerfile'))).toBe(true)
  })
})

/** Private keys, passwords in urls and API keys, by the shapes they have. */
function secretsIn(text: string): string[] {
  return [
    ...text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY|"d":\s*"[\w-]{43}"|postgres:\/\/\w+:[\w%-]{8,}@|\bsk_(test|live)_[0-9a-zA-Z]{20,}/g),
  ].map(([found]) => found)
}
