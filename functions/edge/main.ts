import { join } from 'node:path'
import { serveListener } from '#shared/server/node-http.ts'
import { run } from '#shared/server/run.ts'
import { edgeApp } from './app.ts'
import { openProxy } from './proxy.ts'
import { settings } from './settings.ts'

run('edge', settings, ({ settings, log }) => {
  const mock = settings.GATEWAY_CONTROL === 'enabled' && settings.PAYMENT_GATEWAY_URL !== undefined
  const proxy = openProxy({
    accounts: settings.ACCOUNTS_URL,
    profiles: settings.PROFILES_URL,
    catalog: settings.CATALOG_URL,
    pricing: settings.PRICING_URL,
    stock: settings.STOCK_URL,
    orders: settings.ORDERS_URL,
    'order-history': settings.ORDER_HISTORY_URL,
    ...(mock && { 'payment-gateway': settings.PAYMENT_GATEWAY_URL }),
  })
  const app = edgeApp({ proxy, log, mock, assets: settings.ASSETS_DIR ?? join(__dirname, 'assets') })
  return { listen: serveListener(app, async () => {}), close: proxy.close }
})
