import { board } from '../board.ts'
import { badAbove, statPanel, timeseriesPanel } from '../panels.ts'
import { perMinutePanel, shareOf } from './business.ts'
import { databaseOf, functionsOf, serviceSections } from './service.ts'

const where = functionsOf('orders')
const stored = databaseOf('orders')

/** Orders: how they end, who brings them there, and which are stuck. */
export const orders = () =>
  board({
    uid: 'shop-orders',
    description: 'The orders service: orders by outcome, those that are open, the sweep, and the functions and database behind them.',
    sections: [
      {
        title: 'Business',
        panels: [
          perMinutePanel({
            title: 'Orders by outcome',
            description:
              'Orders that came to their end, per minute. Rejected: declined, or out of stock. Cancelled: by the customer or for want of time.',
            metric: 'shop_orders_total',
            where,
          }),
          timeseriesPanel({
            title: 'Orders paid',
            description: 'The share of orders that ended paid. A fall without a fall of orders is a payment or stock trouble.',
            unit: 'percentunit',
            min: 0,
            max: 1,
            queries: [
              {
                expr: shareOf('outcome="paid"', 'shop_orders_total', where),
                legend: '{{outcome}}',
              },
            ],
          }),
          statPanel({
            title: 'Overdue',
            description: 'Open orders that were due more than a minute ago: the sweep does not run, or a neighbour of orders is away.',
            unit: 'short',
            queries: [{ expr: `sum(shop_orders_overdue{${stored}})`, legend: 'Orders' }],
            thresholds: badAbove(1, 10),
          }),
          statPanel({
            title: 'Oldest due',
            description: 'How long ago the order that waits longest wanted to be settled.',
            unit: 's',
            queries: [{ expr: `max(shop_orders_oldest_due_seconds{${stored}})`, legend: 'Waiting' }],
            thresholds: badAbove(60, 300),
          }),
          timeseriesPanel({
            title: 'Open orders',
            description: 'Orders that have not come to their end. Those that require action wait for their customer.',
            unit: 'short',
            min: 0,
            height: 4,
            queries: [{ expr: `sum by (status) (shop_orders_open{${stored}})`, legend: '{{status}}' }],
          }),
          perMinutePanel({
            title: 'Payments by outcome',
            description: 'What came of the calls to the payment gateway, per minute. Failed ones are tried again by the sweep.',
            metric: 'shop_payments_total',
            where,
          }),
          perMinutePanel({
            title: 'Settled by',
            description: 'Who brought orders to their end, per minute. A growing share of the sweep means that requests are interrupted.',
            metric: 'shop_orders_settled_total',
            by: 'by',
            where,
          }),
          perMinutePanel({
            title: 'Swept orders',
            description: 'Due orders that a sweep found, per minute: settled, still open, or failed on.',
            metric: 'shop_sweeps_total',
            where,
          }),
        ],
      },
      ...serviceSections('orders'),
    ],
  })
