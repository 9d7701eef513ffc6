import * as z from 'zod'
import { currency, sku } from '#db/inventory/sku.ts'
import { pageOf, pageQuery } from '#shared/http/page.ts'
import { json, problem, route } from '#shared/http/route.ts'
import { money } from '#shared/money/money.ts'

const slug = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/, 'must be letters, digits and single dashes')

const category = z
  .object({ slug: z.string(), title: z.string() })
  .meta({ id: 'Category', description: 'A group of products', example: { slug: 'mugs', title: 'Mugs' } })

const variant = z.object({
  sku,
  title: z.string().meta({ description: 'What sets it apart from its siblings; empty for the only one', example: 'Blue' }),
  attributes: z.record(z.string(), z.string()).meta({ example: { colour: 'Blue' } }),
  price: money.nullable().meta({ description: 'Before tax; null when it is not sold in the currency asked for' }),
  available: z.boolean().meta({ description: 'Whether at least one unit could be ordered when this was read' }),
})

const product = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    title: z.string(),
    description: z.string(),
    category: category.nullable(),
    variants: z.array(variant),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Product' })

const productPage = pageOf(product)
const categoryList = pageOf(category)

/** The body of `GET /v1/products`. */
export type ProductPage = z.infer<typeof productPage>
/** The body of `GET /v1/products/{id}`. */
export type Product = z.infer<typeof product>
/** The body of `GET /v1/categories`. */
export type CategoryList = z.infer<typeof categoryList>

const priceCurrency = currency.default('EUR')
const unmodified = { description: 'The copy named by If-None-Match is current' }

export const listProducts = route({
  method: 'get',
  path: '/v1/products',
  access: 'public',
  tags: ['catalog'],
  summary: 'List published products, newest first',
  request: { query: z.strictObject({ ...pageQuery, category: slug.optional(), currency: priceCurrency }) },
  responses: {
    200: json(productPage, 'A page of products; empty for a category that does not exist'),
    304: unmodified,
    400: problem('A query parameter is wrong or not known'),
  },
})

export const getProduct = route({
  method: 'get',
  path: '/v1/products/{id}',
  access: 'public',
  tags: ['catalog'],
  summary: 'Read one published product',
  request: {
    params: z.strictObject({ id: slug.meta({ description: 'The id or the slug', example: 'plain-stoneware-mug' }) }),
    query: z.strictObject({ currency: priceCurrency }),
  },
  responses: {
    200: json(product, 'The product'),
    304: unmodified,
    400: problem('The id or a query parameter is wrong or not known'),
    404: problem('There is no such product, or it is not published'),
  },
})

export const listCategories = route({
  method: 'get',
  path: '/v1/categories',
  access: 'public',
  tags: ['catalog'],
  summary: 'List all categories by title',
  request: { query: z.strictObject({}) },
  responses: { 200: json(categoryList, 'All categories on one page'), 304: unmodified, 400: problem('A query parameter is not known') },
})
