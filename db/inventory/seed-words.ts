/** A category of the sample catalogue: `code` begins its SKUs, `price` is that of its cheapest product, in cents. */
export type SampleCategory = {
  readonly code: string
  readonly title: string
  readonly noun: string
  readonly materials: readonly [string, string, string, string, string]
  readonly option: { readonly name: string; readonly values: readonly [string, string, string] }
  readonly price: number
}

const colour = { name: 'colour', values: ['White', 'Blue', 'Green'] } as const
const shade = { name: 'colour', values: ['Sand', 'Grey', 'Rust'] } as const
const size = { name: 'size', values: ['Small', 'Medium', 'Large'] } as const

export const styles = ['Plain', 'Classic', 'Everyday', 'Compact', 'Sturdy', 'Slim', 'Rustic', 'Modern', 'Light', 'Studio'] as const

/** Ten styles in five materials make fifty products of each. */
export const sampleCategories: readonly SampleCategory[] = [
  { code: 'MUG', title: 'Mugs', noun: 'mug', materials: ['stoneware', 'porcelain', 'enamel', 'glass', 'clay'], option: colour, price: 900 },
  {
    code: 'BWL',
    title: 'Bowls',
    noun: 'bowl',
    materials: ['stoneware', 'porcelain', 'olive wood', 'glass', 'clay'],
    option: size,
    price: 1200,
  },
  {
    code: 'PLT',
    title: 'Plates',
    noun: 'plate',
    materials: ['stoneware', 'porcelain', 'enamel', 'glass', 'slate'],
    option: size,
    price: 1000,
  },
  {
    code: 'TEA',
    title: 'Teapots',
    noun: 'teapot',
    materials: ['stoneware', 'porcelain', 'iron', 'glass', 'clay'],
    option: colour,
    price: 2900,
  },
  {
    code: 'BRD',
    title: 'Boards',
    noun: 'cutting board',
    materials: ['oak', 'beech', 'walnut', 'bamboo', 'maple'],
    option: size,
    price: 1900,
  },
  { code: 'PAN', title: 'Pans', noun: 'pan', materials: ['iron', 'steel', 'copper', 'aluminium', 'enamel'], option: size, price: 3900 },
  { code: 'TWL', title: 'Towels', noun: 'towel', materials: ['cotton', 'linen', 'bamboo', 'waffle', 'terry'], option: shade, price: 1500 },
  {
    code: 'BLK',
    title: 'Blankets',
    noun: 'blanket',
    materials: ['wool', 'cotton', 'fleece', 'linen', 'cashmere'],
    option: shade,
    price: 4900,
  },
  {
    code: 'CSH',
    title: 'Cushions',
    noun: 'cushion',
    materials: ['velvet', 'cotton', 'corduroy', 'linen', 'wool'],
    option: shade,
    price: 1800,
  },
  { code: 'LMP', title: 'Lamps', noun: 'table lamp', materials: ['brass', 'oak', 'paper', 'glass', 'concrete'], option: size, price: 5900 },
  {
    code: 'VAS',
    title: 'Vases',
    noun: 'vase',
    materials: ['stoneware', 'porcelain', 'brass', 'glass', 'clay'],
    option: colour,
    price: 1600,
  },
  {
    code: 'CND',
    title: 'Candles',
    noun: 'candle',
    materials: ['beeswax', 'soy', 'rapeseed', 'stearin', 'coconut'],
    option: size,
    price: 700,
  },
  {
    code: 'NTB',
    title: 'Notebooks',
    noun: 'notebook',
    materials: ['lined', 'dotted', 'squared', 'blank', 'recycled'],
    option: size,
    price: 600,
  },
  { code: 'PEN', title: 'Pens', noun: 'pen', materials: ['brass', 'steel', 'oak', 'aluminium', 'resin'], option: colour, price: 1100 },
  {
    code: 'BAG',
    title: 'Backpacks',
    noun: 'backpack',
    materials: ['canvas', 'leather', 'nylon', 'wool', 'hemp'],
    option: shade,
    price: 6900,
  },
  {
    code: 'TSH',
    title: 'T-shirts',
    noun: 't-shirt',
    materials: ['cotton', 'linen', 'hemp', 'merino', 'jersey'],
    option: size,
    price: 1900,
  },
  { code: 'SOC', title: 'Socks', noun: 'socks', materials: ['cotton', 'wool', 'bamboo', 'merino', 'alpaca'], option: size, price: 800 },
  { code: 'SCF', title: 'Scarves', noun: 'scarf', materials: ['wool', 'cotton', 'silk', 'linen', 'cashmere'], option: shade, price: 2500 },
  { code: 'BSK', title: 'Baskets', noun: 'basket', materials: ['willow', 'seagrass', 'rattan', 'jute', 'wire'], option: size, price: 2200 },
  {
    code: 'POT',
    title: 'Planters',
    noun: 'planter',
    materials: ['terracotta', 'zinc', 'stoneware', 'concrete', 'cork'],
    option: size,
    price: 1400,
  },
]

/** Standard rates in hundredths of a percent. */
export const sampleTaxRates: Readonly<Record<string, number>> = {
  AT: 2000,
  BE: 2100,
  CH: 810,
  CZ: 2100,
  DE: 1900,
  DK: 2500,
  ES: 2100,
  FI: 2550,
  FR: 2000,
  GB: 2000,
  IE: 2300,
  IT: 2200,
  LU: 1700,
  NL: 2100,
  NO: 2500,
  PL: 2300,
  PT: 2300,
  SE: 2500,
  US: 0,
}
