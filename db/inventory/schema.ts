import { sql } from 'drizzle-orm'
import {
  bigint,
  char,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'

const createdAt = timestamp('created_at', { withTimezone: true }).notNull().defaultNow()
const updatedAt = timestamp('updated_at', { withTimezone: true }).notNull().defaultNow()

export const categories = pgTable('categories', {
  id: uuid().primaryKey().default(sql`uuidv7()`),
  slug: text().notNull().unique(),
  title: text().notNull(),
  createdAt,
})

export const productStatus = pgEnum('product_status', ['draft', 'published', 'archived'])

export const products = pgTable(
  'products',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    slug: text().notNull().unique(),
    title: text().notNull(),
    description: text().notNull().default(''),
    categoryId: uuid('category_id').references(() => categories.id),
    status: productStatus().notNull().default('draft'),
    version: integer().notNull().default(1),
    createdAt,
    updatedAt,
  },
  (t) => [
    index('products_published_idx').on(t.id.desc()).where(sql`status = 'published'`),
    index('products_category_idx').on(t.categoryId, t.id).where(sql`status = 'published'`),
  ],
)

/** What can be bought: one row per SKU. */
export const variants = pgTable(
  'variants',
  {
    sku: text().primaryKey(),
    productId: uuid('product_id')
      .notNull()
      .references(() => products.id),
    title: text().notNull(),
    attributes: jsonb().$type<Record<string, string>>().notNull().default({}),
    createdAt,
  },
  (t) => [index('variants_product_idx').on(t.productId)],
)

/** Net prices, in minor units. */
export const prices = pgTable(
  'prices',
  {
    sku: text()
      .notNull()
      .references(() => variants.sku),
    currency: char({ length: 3 }).notNull(),
    amount: bigint({ mode: 'number' }).notNull(),
    version: integer().notNull().default(1),
    updatedAt,
  },
  (t) => [primaryKey({ columns: [t.sku, t.currency] }), check('prices_amount', sql`${t.amount} >= 0`)],
)

/** Rates in hundredths of a percent; a country without a row is not taxed. */
export const taxRates = pgTable('tax_rates', { country: char({ length: 2 }).primaryKey(), rate: integer().notNull() }, (t) => [
  check('tax_rates_rate', sql`${t.rate} between 0 and 10000`),
])

export const stock = pgTable(
  'stock',
  {
    sku: text()
      .primaryKey()
      .references(() => variants.sku),
    onHand: integer('on_hand').notNull().default(0),
    reserved: integer().notNull().default(0),
    /** At or below this many available, the SKU counts as low. */
    lowAt: integer('low_at').notNull().default(0),
    version: integer().notNull().default(1),
    updatedAt,
  },
  (t) => [check('stock_reserved', sql`${t.reserved} >= 0 and ${t.reserved} <= ${t.onHand}`), check('stock_on_hand', sql`${t.onHand} >= 0`)],
)

export const stockReason = pgEnum('stock_reason', ['received', 'adjusted', 'sold', 'returned'])

/** Every change of stock on hand, for ever: on hand is the sum of its deltas. */
export const stockLedger = pgTable(
  'stock_ledger',
  {
    id: uuid().primaryKey().default(sql`uuidv7()`),
    sku: text().notNull(),
    delta: integer().notNull(),
    reason: stockReason().notNull(),
    orderId: uuid('order_id'),
    createdAt,
  },
  (t) => [
    foreignKey({ columns: [t.sku], foreignColumns: [stock.sku] }),
    index('stock_ledger_sku_idx').on(t.sku, t.id),
    check('stock_ledger_delta', sql`${t.delta} <> 0`),
    check('stock_ledger_sign', sql`case ${t.reason} when 'sold' then ${t.delta} < 0 when 'adjusted' then true else ${t.delta} > 0 end`),
  ],
)

export const holdStatus = pgEnum('hold_status', ['held', 'expired', 'committed', 'released'])

/** A line of a basket as it was priced; amounts in minor units, `taxRate` in hundredths of a percent. */
export type PricedLine = {
  sku: string
  title: string
  quantity: number
  unitPrice: number
  subtotal: number
  taxRate: number
  tax: number
  total: number
}

/**
 * What an order holds of the stock, and the prices it was promised. A released row without lines is a tombstone: its
 * order was given up before it held anything.
 */
export const holds = pgTable(
  'holds',
  {
    orderId: uuid('order_id').primaryKey(),
    status: holdStatus().notNull(),
    currency: char({ length: 3 }),
    lines: jsonb().$type<PricedLine[]>().notNull().default([]),
    subtotal: bigint({ mode: 'number' }).notNull().default(0),
    tax: bigint({ mode: 'number' }).notNull().default(0),
    total: bigint({ mode: 'number' }).notNull().default(0),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    createdAt,
    updatedAt,
  },
  (t) => [
    index('holds_over_idx').on(t.expiresAt).where(sql`status = 'held'`),
    check('holds_total', sql`${t.total} = ${t.subtotal} + ${t.tax}`),
    check('holds_tombstone', sql`jsonb_array_length(${t.lines}) > 0 or ${t.status} = 'released'`),
  ],
)
