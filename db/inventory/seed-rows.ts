import { type SampleCategory, sampleCategories, sampleTaxRates, styles } from './seed-words.ts'

const PRODUCTS = 1_000
const FIRST_CREATED_AT = Date.UTC(2025, 0, 1)
const MINUTE_MS = 60_000

/** The SKU of which there is exactly one unit. */
export const LAST_UNIT_SKU = 'LMP-0007'

/** The rows of the sample catalogue. The same ones each time: every value follows from the number of its row. */
export function sampleRows() {
  const categories = sampleCategories.map(({ title }, index) => ({
    id: sampleId(index, 0),
    slug: title.toLowerCase(),
    title,
    created_at: createdAt(0),
  }))
  const products = Array.from({ length: PRODUCTS }, (_, index) => sampleProduct(index))
  const variants = products.flatMap(({ variants: own }) => own)
  const tax_rates = Object.entries(sampleTaxRates).map(([country, rate]) => ({ country, rate }))
  return { categories, products, variants, tax_rates }
}

/** Neighbours in time belong to different categories, so that the newest products show what the shop has. */
function sampleProduct(index: number) {
  const categoryIndex = index % sampleCategories.length
  const place = Math.floor(index / sampleCategories.length)
  const category = sampleCategories[categoryIndex] as SampleCategory
  const style = styles[place % styles.length] as string
  const material = category.materials[Math.floor(place / styles.length)] as string
  const title = `${style} ${material} ${category.noun}`
  const id = sampleId(index, 1)
  return {
    id,
    slug: title.toLowerCase().replaceAll(' ', '-'),
    title,
    description: `${title}, made for daily use and to last.`,
    category_id: sampleId(categoryIndex, 0),
    created_at: createdAt(index + 1),
    variants: sampleVariants(category, place, index).map((variant) => ({ product_id: id, created_at: createdAt(index + 1), ...variant })),
  }
}

/** One to three per product. The first has the plain SKU, such as MUG-0001; the others follow as MUG-0001-2 and MUG-0001-3. */
function sampleVariants({ code, option, price }: SampleCategory, place: number, index: number) {
  const plain = `${code}-${String(place + 1).padStart(4, '0')}`
  const count = plain === LAST_UNIT_SKU ? 1 : 1 + ((index + place) % 3)
  return option.values.slice(0, count).map((value, number) => {
    const sku = number === 0 ? plain : `${plain}-${number + 1}`
    return {
      sku,
      title: count === 1 ? '' : value,
      attributes: count === 1 ? {} : { [option.name]: value },
      amount: price + ((place * 7) % 20) * 50 + number * 150 + 90,
      on_hand: sku === LAST_UNIT_SKU ? 1 : 200 + ((index * 37 + number * 11) % 800),
      low_at: sku === LAST_UNIT_SKU ? 0 : 20,
      ledger_id: sampleId(index * 3 + number, 2),
    }
  })
}

const createdAt = (minute: number) => new Date(FIRST_CREATED_AT + minute * MINUTE_MS).toISOString()

/** A UUIDv7 whose time is its row's, so that ids sort as rows were made; `kind` keeps those of different tables apart. */
function sampleId(index: number, kind: number): string {
  const time = (FIRST_CREATED_AT + index * MINUTE_MS).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-700${kind}-8000-${index.toString(16).padStart(12, '0')}`
}
