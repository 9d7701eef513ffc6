import { setTimeout as wait } from 'node:timers/promises'
import { request } from 'undici'
import { mustBe } from '../demo/steps.ts'

/** Where figures come from: Prometheus, or a function's own page of metrics. */
export type Figures = { readonly prometheus?: string | undefined; readonly metrics?: string | undefined }

const SCRAPED_WITHIN_MS = 60_000
const ZERO_WITHIN_MS = 10 * 60_000
const PAUSE_MS = 1_000

/** How many orders were paid, as the shop counts them; undefined where nothing is known. */
export async function paidOrders({ prometheus, metrics }: Figures): Promise<number | undefined> {
  if (prometheus !== undefined) return (await ask(prometheus, 'sum(shop_orders_total{outcome="paid"})')) ?? 0
  if (metrics === undefined) return undefined
  const lines = (await text(metrics)).split('\n').filter((line) => /^shop_orders_total\{[^}]*outcome="paid"/.test(line))
  mustBe('whether orders counts what was paid', lines.length > 0, true)
  return lines.reduce(
    (sum, line) =>
      sum +
      Number(
        line
          .slice(line.lastIndexOf('}') + 1)
          .trim()
          .split(' ')[0],
      ),
    0,
  )
}

/** Waits until more orders are counted than `before`: figures are collected every few seconds. */
export async function untilCounted(figures: Figures, before: number): Promise<number> {
  return until('the order is counted', SCRAPED_WITHIN_MS, async () => {
    const now = (await paidOrders(figures)) ?? 0
    return now > before ? now : undefined
  })
}

/** Waits until no pod of a function is left. */
export async function untilZero(prometheus: string, name: string, note: (line: string) => void): Promise<void> {
  const pods = `sum(kn_revision_pods_count{kn_service_name="${name}"})`
  let seen: number | undefined
  await until(`${name} has gone to zero`, ZERO_WITHIN_MS, async () => {
    const now = await ask(prometheus, pods)
    if (now === undefined) throw new Error(`Prometheus does not know ${pods}: does it scrape the autoscaler of Knative?`)
    if (now !== seen) note(`${name} has ${now} pods`)
    seen = now
    return now === 0 ? true : undefined
  })
}

async function ask(prometheus: string, query: string): Promise<number | undefined> {
  const url = new URL('/api/v1/query', prometheus)
  url.searchParams.set('query', query)
  const { data } = JSON.parse(await text(url.href)) as { data: { result: { value: [number, string] }[] } }
  return data.result[0] && Number(data.result[0].value[1])
}

async function text(url: string): Promise<string> {
  const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(10_000) })
  const read = await body.text()
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`)
  return read
}

async function until<T>(what: string, withinMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await wait(PAUSE_MS)
  }
}
