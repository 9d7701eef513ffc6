import * as z from 'zod'
import { currency, sku } from '#db/inventory/sku.ts'
import { json, problem, route } from '#shared/http/route.ts'
import { money } from '#shared/money/money.ts'

const priceCurrency = currency.default('EUR')
const country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be an ISO 3166 alpha-2 code such as DE')
  .meta({ description: 'Where it is shipped to (ISO 3166 alpha-2); a country without a tax rate is not taxed', example: 'DE' })

const price = z
  .object({ sku, price: money.meta({ description: 'For one unit, before tax' }), updatedAt: z.iso.datetime() })
  .meta({ id: 'Price' })

const quoteRequest = z
  .strictObject({
    items: z
      .array(z.strictObject({ sku, quantity: z.int().min(1).max(999) }))
      .min(1)
      .max(100)
      .meta({ description: 'Quantities of the same SKU are added' }),
    country,
    currency: priceCurrency,
  })
  .meta({ id: 'QuoteRequest' })

const quoteLine = z.object({
  sku,
  title: z.string(),
  quantity: z.int(),
  unitPrice: money,
  subtotal: money,
  taxRate: z.int().meta({ description: 'In hundredths of a percent: 1900 is 19 %', example: 1900 }),
  tax: money.meta({ description: 'Of the whole line, rounded half up' }),
  total: money,
})

const quote = z
  .object({ country, currency, lines: z.array(quoteLine), subtotal: money, tax: money, total: money })
  .meta({ id: 'Quote', description: 'What a basket costs now; an order is priced the same way when it is placed' })

/** The body of `GET /v1/prices/{sku}`. */
export type Price = z.infer<typeof price>

export const getPrice = route({
  method: 'get',
  path: '/v1/prices/{sku}',
  access: 'public',
  tags: ['pricing'],
  summary: 'Read the price of a SKU',
  request: { params: z.strictObject({ sku }), query: z.strictObject({ currency: priceCurrency }) },
  responses: {
    200: json(price, 'The price'),
    304: { description: 'The copy named by If-None-Match is current' },
    400: problem('The SKU or a query parameter is wrong or not known'),
    404: problem('The SKU does not exist or is not for sale in this currency'),
  },
})

export const createQuote = route({
  method: 'post',
  path: '/v1/quotes',
  access: 'public',
  tags: ['pricing'],
  summary: 'Price a basket, with tax',
  description: 'Nothing is stored or reserved.',
  request: { body: { ...json(quoteRequest, 'What is to be bought, and where it is shipped to'), required: true } },
  responses: {
    200: json(quote, 'The priced basket'),
    400: problem('The body is not valid, or an item names a SKU that is not for sale in this currency'),
    413: problem('The body is larger than 1 MiB'),
    415: problem('The body is not JSON'),
  },
})
