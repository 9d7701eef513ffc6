import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startShop } from '../scripts/shop.ts'
import { openBareGateway } from './gateway/bare.ts'
import { openRealGateway } from './gateway/real.ts'
import { measureRate } from './rate.ts'
import { spreadOf } from './statistics.ts'
import type { Suite } from './suite.ts'

const LOAD = { atOnce: 16, seconds: 2 }

/** Payments created and confirmed per second by the SDK's requests, beside the same statements sent by a bare driver. */
export const measureGateway: Suite = async ({ pairs, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'))
  // PostgreSQL's account, which as root is another one, must get through.
  chmodSync(folder, 0o711)
  const env = { 'payment-gateway': { GATEWAY_CONTROL: 'disabled', LOG_LEVEL: 'error' } }
  const functions = ['payment-gateway'] as const
  const shop = await startShop({ dataFolder: join(folder, 'data'), mode: 'throwaway', functions, seed: false, env, say })
  const real = openRealGateway(shop.urls['payment-gateway'], shop.secrets.paymentGatewayKey)
  const bare = await openBareGateway(shop.databaseUrl('payments', 'writer'))
  try {
    const rates: { real: number; bare: number; ratio: number }[] = []
    // The first pair warms up and is not counted.
    for (let pair = 0; pair <= pairs; pair++) {
      bare.prepare()
      const measured = { real: await measureRate(real.pay, LOAD), bare: await measureRate(bare.pay, LOAD) }
      if (pair > 0) rates.push({ ...measured, ratio: measured.real / measured.bare })
    }
    const of = (name: 'real' | 'bare' | 'ratio') => spreadOf(rates.map((rate) => rate[name]))
    const [realRate, bareRate, ratio] = [of('real'), of('bare'), of('ratio')]
    say(`${realRate.median.toFixed(0)} payments/s created and confirmed, ${bareRate.median.toFixed(0)}/s by a bare driver`)
    say(`ratio ${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`)
    return {
      goals: [{ id: 'gateway.payments', value: ratio.median, relation: '>=', target: 0.5 }],
      measured: { rates, realRate, bareRate, ratio },
    }
  } finally {
    await Promise.all([real.close(), bare.close()])
    await shop.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
  }
}
