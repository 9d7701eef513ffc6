import { board } from '../board.ts'
import { stockDrift } from '../drift.ts'
import { badAbove, informative, mustBeZero, statPanel, timeseriesPanel } from '../panels.ts'
import { perMinutePanel, shareOf } from './business.ts'
import { databaseOf, functionsOf, serviceSections } from './service.ts'

const where = functionsOf('inventory')
const stored = databaseOf('inventory')

/** Goods: what can be sold, what is held, and whether the books of stock balance. */
export const inventory = () =>
  board({
    uid: 'shop-inventory',
    description: 'The inventory service: stock, holds and reservations, and the functions and database behind them.',
    sections: [
      {
        title: 'Business',
        panels: [
          statPanel({
            title: 'Stock drift',
            description: 'SKUs whose books do not balance: on hand against the ledger, reserved against the holds. Must be 0.',
            unit: 'short',
            queries: [{ expr: stockDrift, legend: 'SKUs' }],
            thresholds: mustBeZero,
          }),
          statPanel({
            title: 'Running low',
            description: 'SKUs at or below the stock at which they are to be ordered again.',
            unit: 'short',
            queries: [{ expr: `sum(shop_stock_low{${stored}})`, legend: 'SKUs' }],
            thresholds: badAbove(1, 100),
          }),
          perMinutePanel({
            title: 'Reservations',
            description: 'Calls on holds per minute, by what was asked and what came of it.',
            metric: 'shop_reservations_total',
            by: 'operation, outcome',
            where,
          }),
          timeseriesPanel({
            title: 'Reservations refused',
            description:
              'The share of attempts to reserve that failed for want of stock, for an unknown SKU, or because the order was given up.',
            unit: 'percentunit',
            min: 0,
            max: 1,
            thresholds: badAbove(0.1, 0.5),
            queries: [
              {
                expr: shareOf('outcome=~"shortage|unknown|refused"', 'shop_reservations_total', `${where},operation="reserve"`),
                legend: '{{outcome}}',
              },
            ],
          }),
          statPanel({
            title: 'Holds overdue',
            description: 'Holds that ended more than a minute ago and still keep stock from being sold: nothing takes them back.',
            unit: 'short',
            queries: [{ expr: `sum(shop_holds_overdue{${stored}})`, legend: 'Holds' }],
            thresholds: badAbove(1, 10),
          }),
          statPanel({
            title: 'Holds',
            description: 'Holds that keep stock from being sold until their order is decided.',
            unit: 'short',
            queries: [{ expr: `sum by (status) (shop_holds{${stored}})`, legend: '{{status}}' }],
            thresholds: informative,
          }),
        ],
      },
      ...serviceSections('inventory'),
    ],
  })
