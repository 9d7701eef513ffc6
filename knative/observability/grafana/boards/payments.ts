import { board } from '../board.ts'
import { inWholeUnits, lastingMoneyDrift } from '../drift.ts'
import { badAbove, informative, mustBeZero, statPanel, timeseriesPanel } from '../panels.ts'
import { perMinutePanel, shareOf } from './business.ts'
import { databaseOf, functionsOf, serviceSections } from './service.ts'

const where = functionsOf('payments')

/** Money as the payment gateway sees it. */
export const payments = () =>
  board({
    uid: 'shop-payments',
    description: 'The payments service: payments by outcome, money received and refunded, and the function and database behind them.',
    sections: [
      {
        title: 'Business',
        panels: [
          perMinutePanel({
            title: 'Payments by outcome',
            description: 'What became of payments at the gateway, per minute; a replayed answer counts once.',
            metric: 'shop_gateway_payments_total',
            where,
          }),
          timeseriesPanel({
            title: 'Declined',
            description: 'The share of authorisations that were declined. A jump means stolen cards being tried, or a bank that is away.',
            unit: 'percentunit',
            min: 0,
            max: 1,
            thresholds: badAbove(0.2, 0.5),
            queries: [
              {
                expr: shareOf('outcome="declined"', 'shop_gateway_payments_total', `${where},outcome=~"declined|authorized"`),
                legend: '{{outcome}}',
              },
            ],
          }),
          perMinutePanel({
            title: 'Webhook deliveries',
            description:
              'Attempts to tell orders what became of a payment, per minute. Those tried again found nobody; the sweep settles meanwhile.',
            metric: 'shop_gateway_deliveries_total',
            where,
          }),
          statPanel({
            title: 'Received',
            width: 6,
            description: 'What the gateway took from customers, ever, per currency.',
            unit: 'none',
            decimals: 2,
            queries: [{ expr: inWholeUnits('shop_gateway_received_amount'), legend: '{{currency}}' }],
            thresholds: informative,
          }),
          statPanel({
            title: 'Refunded',
            width: 6,
            description: 'What the gateway gave back to customers, ever, per currency.',
            unit: 'none',
            decimals: 2,
            queries: [{ expr: inWholeUnits('shop_gateway_refunded_amount'), legend: '{{currency}}' }],
            thresholds: informative,
          }),
          statPanel({
            title: 'Money drift',
            width: 6,
            description:
              'What orders say was kept less what the gateway kept, in minor units; the least of five minutes, as orders under way differ for a moment. Must be 0.',
            unit: 'short',
            queries: [{ expr: lastingMoneyDrift, legend: '{{currency}}' }],
            thresholds: mustBeZero,
          }),
          statPanel({
            title: 'Idempotency keys',
            width: 6,
            description: 'Keys whose first answer is kept to be given again; an estimate when there are many.',
            unit: 'short',
            queries: [{ expr: `max(shop_idempotency_keys{${databaseOf('payments')}})`, legend: 'Keys' }],
            thresholds: informative,
          }),
        ],
      },
      ...serviceSections('payments'),
    ],
  })
