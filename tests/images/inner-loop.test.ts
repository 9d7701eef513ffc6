import { execFile } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImage, copyContext } from './images.ts'
import { BASE_IMAGE, BUILD_IMAGE, makeStandIns } from './stand-in.ts'
import { mustRun, root, run, whyNot } from './tools.ts'

const missing = whyNot()
const context = mkdtempSync(join(tmpdir(), 'shop-inner-loop-'))

describe.skipIf(missing !== undefined && !mustRun)(`the inner loop${missing === undefined ? '' : ` (left out: ${missing})`}`, () => {
  beforeAll(async () => {
    await makeStandIns()
    copyContext(context)
  })
  afterAll(() => rmSync(context, { recursive: true, force: true }))

  test('a change of one function makes a new image of that function and of no other', { timeout: 30 * 60_000 }, async () => {
    const before = { stock: await buildImage('stock', context), catalog: await buildImage('catalog', context) }
    appendFileSync(join(context, 'functions/stock/app.ts'), '\nexport const changed = true\n')
    const after = { stock: await buildImage('stock', context), catalog: await buildImage('catalog', context) }
    expect(after.catalog).toBe(before.catalog)
    expect(after.stock).not.toBe(before.stock)
    expect(await buildImage('stock', context)).toBe(after.stock)
  })

  test('what no image holds can be edited without a new image of anything', { timeout: 30 * 60_000 }, async () => {
    const before = await buildImage('stock', context)
    appendFileSync(join(context, 'functions/stock/README.md'), '\nMore.\n')
    appendFileSync(join(context, 'scripts/demo.ts'), '\n')
    appendFileSync(join(context, 'shared/money/money.test.ts'), '\n')
    expect(await buildImage('stock', context)).toBe(before)
  })

  test('the custom build makes the image that Skaffold asks for', { timeout: 30 * 60_000 }, async () => {
    const IMAGE = 'localhost/shop/stock:custom-build'
    const env = { ...process.env, IMAGE, PUSH_IMAGE: 'false', KIND_CLUSTER: 'none', BASE_IMAGE, BUILD_IMAGE }
    await promisify(execFile)(process.execPath, [join(root, 'scripts/build-image.ts'), 'stock'], { env, maxBuffer: 64 << 20 })
    expect(await run('podman', ['image', 'inspect', '--format', '{{index .Labels "org.opencontainers.image.title"}}', IMAGE])).toBe(
      'shop/stock',
    )
  })
})
