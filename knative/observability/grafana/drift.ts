/** Currencies that have no smaller unit. */
const wholeCurrencies = 'BIF|CLP|DJF|GNF|JPY|KMF|KRW|MGA|PYG|RWF|UGX|VND|VUV|XAF|XOF|XPF'

const amount = (metric: string, matchers = '') => `sum by (currency) (${metric}{job="postgres"${matchers}})`

/** An amount per currency, in the unit people speak of and not in its hundredths. */
export const inWholeUnits = (metric: string) =>
  `${amount(metric, `,currency!~"${wholeCurrencies}"`)} / 100 or ${amount(metric, `,currency=~"${wholeCurrencies}"`)}`

const kept = (received: string, refunded: string) => `(${amount(received)} - ${amount(refunded)})`
const ofOrders = kept('shop_orders_captured_amount', 'shop_orders_refunded_amount')
const ofGateway = kept('shop_gateway_received_amount', 'shop_gateway_refunded_amount')

/** Money the orders say was kept less what the gateway kept, per currency, in minor units; a side that has none counts as 0. */
export const moneyDrift = `(${ofOrders} or 0 * ${ofGateway}) - (${ofGateway} or 0 * ${ofOrders})`

/** The least of the drift within five minutes: money of an order under way is on one side of the books for a moment. */
export const lastingMoneyDrift = `min_over_time(abs(${moneyDrift})[5m:15s])`

/** SKUs whose stock is not what its ledger and holds add up to. */
export const stockDrift = 'sum(shop_stock_drift{job="postgres"})'
