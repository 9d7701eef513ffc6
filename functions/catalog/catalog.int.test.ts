import { expect, test } from 'vitest'
import { seed } from '#db/inventory/seed.ts'
import { promisedBody } from '#shared/testing/contract.ts'
import { getProduct, listCategories, listProducts, type Product } from './routes.ts'
import { addProducts, startCatalog } from './testing.ts'

test('the list shows the newest products first, in the shape of its contract', async () => {
  const { sql, request } = await startCatalog()
  await seed(sql)
  const response = await request('/v1/products')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('cache-control')).toBe('public, max-age=10')
  const body = promisedBody(listProducts).parse(await response.json()) as { items: Product[]; nextCursor: string }
  const newest = await sql`select slug from products order by created_at desc limit 20`
  expect(body.items.map(({ slug }) => slug)).toEqual(newest.map(({ slug }) => slug as string))
  expect(body.nextCursor).toEqual(expect.any(String))
})

test('a product is found by its id and by its slug, with its variants, their prices and whether they can be had', async () => {
  const { sql, request } = await startCatalog()
  const category = await sql`insert into categories (slug, title) values ('mugs', 'Mugs') returning id`
  const [product] = await sql`
    insert into products (slug, title, description, status, category_id, created_at)
    values ('plain-mug', 'Plain mug', 'For "tea" & coffee', 'published', ${category[0]?.['id']}, '2026-01-02T03:04:05.678Z') returning id`
  await sql`insert into variants (sku, product_id, title, attributes)
    select * from (values ('M-2', ${product?.['id']}::uuid, 'Blue', '{"colour":"Blue"}'::jsonb), ('M-1', ${product?.['id']}, 'White', '{}')) x`
  await sql`insert into prices (sku, currency, amount) values ('M-1', 'EUR', 1999), ('M-1', 'USD', 2199), ('M-2', 'USD', 2299)`
  await sql`insert into stock (sku, on_hand, reserved) values ('M-1', 3, 3), ('M-2', 3, 2)`

  const bySlug = await request('/v1/products/plain-mug')
  const body = promisedBody(getProduct).parse(await bySlug.json())
  expect(body).toEqual({
    id: product?.['id'],
    slug: 'plain-mug',
    title: 'Plain mug',
    description: 'For "tea" & coffee',
    category: { slug: 'mugs', title: 'Mugs' },
    variants: [
      { sku: 'M-1', title: 'White', attributes: {}, price: { amount: 1999, currency: 'EUR' }, available: false },
      { sku: 'M-2', title: 'Blue', attributes: { colour: 'Blue' }, price: null, available: true },
    ],
    createdAt: '2026-01-02T03:04:05.678Z',
  })
  const byId = await request(`/v1/products/${product?.['id']}`)
  expect(await byId.json()).toEqual(body)
  const inDollars = (await (await request('/v1/products/plain-mug?currency=USD')).json()) as Product
  expect(inDollars.variants.map(({ price }) => price?.amount)).toEqual([2199, 2299])
})

test('a unit whose hold is over can be had again before anybody has taken the hold back', async () => {
  const { sql, request } = await startCatalog()
  await addProducts(sql, { onHand: 1 })
  const hold = (until: string) => sql`
    insert into holds (order_id, status, lines, expires_at) values (uuidv7(), 'held', '[{"sku":"THING-1","quantity":1}]', now() + ${until}::interval)`
  await sql`update stock set reserved = 1`
  const available = async () =>
    ((await (await request('/v1/products/thing-1')).json()) as Product).variants.map((variant) => variant.available)
  await hold('1 hour')
  expect(await available()).toEqual([false])
  await sql`update holds set expires_at = now()`
  expect(await available()).toEqual([true])
})

test('only published products are shown', async () => {
  const { sql, request, page } = await startCatalog()
  await addProducts(sql, { prefix: 'draft', status: 'draft' })
  await addProducts(sql, { prefix: 'gone', status: 'archived' })
  await addProducts(sql, { prefix: 'shown' })
  expect((await page()).items.map(({ slug }) => slug)).toEqual(['shown-1'])
  const drafts = await sql`select id, slug from products where slug <> 'shown-1'`
  for (const { id, slug } of drafts) {
    expect((await request(`/v1/products/${id}`)).status).toBe(404)
    expect((await request(`/v1/products/${slug}`)).status).toBe(404)
  }
})

test('walking the cursors meets each product exactly once, also those made at the same moment', async () => {
  const { sql, page } = await startCatalog()
  await addProducts(sql, { count: 57 })
  const seen: string[] = []
  const sizes: number[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { items, nextCursor } = await page(`?limit=10${cursor && `&cursor=${cursor}`}`)
    seen.push(...items.map(({ id }) => id))
    sizes.push(items.length)
    cursor = nextCursor
  }
  expect(sizes).toEqual([10, 10, 10, 10, 10, 7])
  const all = await sql`select id from products order by id desc`
  expect(seen).toEqual(all.map(({ id }) => id as string))
})

test('the last page is known as the last when it is full', async () => {
  const { sql, page } = await startCatalog()
  await addProducts(sql, { count: 10 })
  expect((await page('?limit=10')).nextCursor).toBeNull()
  expect((await page('?limit=9')).nextCursor).not.toBeNull()
})

test('products added while somebody pages neither repeat nor hide the others', async () => {
  const { sql, page } = await startCatalog()
  await addProducts(sql, { prefix: 'old', count: 6 })
  const first = await page('?limit=3')
  await addProducts(sql, { prefix: 'new', count: 4 })
  await sql`update products set status = 'archived' where id = ${first.items[2]?.id ?? ''}`
  const second = await page(`?limit=3&cursor=${first.nextCursor}`)
  const slugs = [...first.items, ...second.items].map(({ slug }) => slug)
  expect(slugs.toSorted()).toEqual(['old-1', 'old-2', 'old-3', 'old-4', 'old-5', 'old-6'])
  expect(second.nextCursor).toBeNull()
})

test('a category narrows the list on every page, and one that does not exist has no products', async () => {
  const { sql, page } = await startCatalog()
  await sql`insert into categories (slug, title) values ('mugs', 'Mugs'), ('pans', 'Pans')`
  await addProducts(sql, { prefix: 'mug', count: 3, category: 'mugs' })
  await addProducts(sql, { prefix: 'pan', count: 3, category: 'pans' })
  await addProducts(sql, { prefix: 'late-mug', count: 2, category: 'mugs' })
  const first = await page('?category=mugs&limit=4')
  const second = await page(`?category=mugs&limit=4&cursor=${first.nextCursor}`)
  expect(first.items).toHaveLength(4)
  expect([...first.items, ...second.items].map(({ slug }) => slug).toSorted()).toEqual([
    'late-mug-1',
    'late-mug-2',
    'mug-1',
    'mug-2',
    'mug-3',
  ])
  expect((await page('?category=pans')).items.map(({ slug }) => slug).toSorted()).toEqual(['pan-1', 'pan-2', 'pan-3'])
  expect(await page('?category=nothing')).toEqual({ items: [], nextCursor: null })
})

test('an empty shop has an empty list', async () => {
  const { page, request } = await startCatalog()
  expect(await page()).toEqual({ items: [], nextCursor: null })
  expect(await (await request('/v1/categories')).json()).toEqual({ items: [], nextCursor: null })
})

test('the categories are listed by title, in the shape of their contract', async () => {
  const { sql, request } = await startCatalog()
  await sql`insert into categories (slug, title) values ('pans', 'Pans'), ('mugs', 'Mugs')`
  const response = await request('/v1/categories')
  expect(promisedBody(listCategories).parse(await response.json())).toEqual({
    items: [
      { slug: 'mugs', title: 'Mugs' },
      { slug: 'pans', title: 'Pans' },
    ],
    nextCursor: null,
  })
})

test.each(['/v1/products', '/v1/products/thing-1', '/v1/categories'])(
  '%s answers 304 to whom holds the current copy, until it changes',
  async (path) => {
    const { sql, request } = await startCatalog()
    await sql`insert into categories (slug, title) values ('things', 'Things')`
    await addProducts(sql, { category: 'things' })
    const tag = (await request(path)).headers.get('etag') ?? ''
    const again = await request(path, { headers: { 'if-none-match': `"other", ${tag}` } })
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, tag, ''])
    expect(again.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/)
    await sql`update products set title = 'Renamed'`
    await sql`update categories set title = 'Renamed'`
    expect((await request(path, { headers: { 'if-none-match': tag } })).status).toBe(200)
  },
)
