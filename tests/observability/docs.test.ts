import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type RunningShop, startTestShop } from '../e2e/running-shop.ts'
import { openBrowser } from './browser.ts'

let shop: RunningShop

beforeAll(async () => {
  shop = await startTestShop()
})
afterAll(() => shop?.stop())

async function openPage(path: string) {
  const page = await openBrowser()
  onTestFinished(page.close)
  await page.open(`${shop.url}${path}`)
  return page
}

test.each([
  ['Catalog', 'List published products, newest first', 'GET', '/v1/products?limit=20&currency=EUR', '"nextCursor"'],
  ['Prices', 'Price a basket, with tax', 'POST', '/v1/quotes', '"total"'],
])('in the reference a visitor opens %s, chooses "%s", sends it and reads the answer', async (group, operation, method, target, told) => {
  const page = await openPage('/docs')
  await page.click('aside button', new RegExp(`^Open Group - ${group}`))
  await page.click('aside a', new RegExp(`^${operation}`))
  await page.click('button', new RegExp(`^Test Request\\(${method} ${target.split('?')[0]}\\)`, 'i'))
  await page.click('button', /^Send/)
  await page.see('200 OK')
  await page.see(told)

  const origins = [...new Set(page.requests.map(({ url }) => url).filter((url) => !url.startsWith('data:')))].map(
    (url) => new URL(url).origin,
  )
  expect([...new Set(origins)]).toEqual([shop.url])
  expect(page.requests.at(-1)).toMatchObject({ method, url: `${shop.url}${target}`, status: 200 })
  expect(page.complaints).toEqual([])
})

test('the reference offers nothing but the reference', async () => {
  const page = await openPage('/docs')
  await page.see('The API of an e-commerce backend')
  expect(await page.evaluate('document.body.innerText')).not.toMatch(/Developer Tools|Configure|Share|Deploy|Generate MCP|Ask AI/)
})

test('the front page loads without a complaint', async () => {
  const page = await openPage('/')
  await page.see('It is up')
  expect(page.requests.filter(({ url }) => !url.startsWith('data:'))).toMatchObject([{ url: `${shop.url}/`, status: 200 }])
  expect(page.complaints).toEqual([])
})
