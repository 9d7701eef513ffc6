import { board } from '../board.ts'
import { inWholeUnits, lastingMoneyDrift, moneyDrift, stockDrift } from '../drift.ts'
import { badAbove, informative, mustBeZero, statPanel, timeseriesPanel } from '../panels.ts'
import { functionsNamed, grown } from '../promql.ts'
import { perMinutePanel } from './business.ts'

const where = functionsNamed()
const currency = '{{currency}}'

/** Whether goods and money add up over the services that keep them apart. */
export const books = () =>
  board({
    uid: 'shop-books',
    description: 'Whether goods and money add up: what orders say against what the gateway and the stock say.',
    sections: [
      {
        title: 'Balance',
        panels: [
          statPanel({
            title: 'Money drift',
            description:
              'What orders say was kept less what the gateway kept, in minor units; the least of five minutes, as orders under way differ for a moment. Must be 0.',
            unit: 'short',
            width: 6,
            queries: [{ expr: lastingMoneyDrift, legend: currency }],
            thresholds: mustBeZero,
          }),
          statPanel({
            title: 'Stock drift',
            description: 'SKUs whose books do not balance: on hand against the ledger, reserved against the holds. Must be 0.',
            unit: 'short',
            width: 6,
            queries: [{ expr: stockDrift, legend: 'SKUs' }],
            thresholds: mustBeZero,
          }),
          statPanel({
            title: 'Open orders',
            description: 'Orders on their way to an end; while there are some, money may be on one side of the books only.',
            unit: 'short',
            width: 6,
            queries: [{ expr: 'sum(shop_orders_open{job="postgres"})', legend: 'Orders' }],
            thresholds: informative,
          }),
          statPanel({
            title: 'Overdue orders',
            description: 'Open orders that were due more than a minute ago: a drift beside them has them for its cause.',
            unit: 'short',
            width: 6,
            queries: [{ expr: 'sum(shop_orders_overdue{job="postgres"})', legend: 'Orders' }],
            thresholds: badAbove(1, 10),
          }),
          timeseriesPanel({
            title: 'Money drift over time',
            description:
              'When money went missing on one side, in minor units. A spike that ends is an order under way; a step that stays is a fault.',
            unit: 'short',
            width: 12,
            queries: [{ expr: moneyDrift, legend: currency }],
          }),
          timeseriesPanel({
            title: 'Stock drift over time',
            description: 'When the books of how many SKUs stopped to balance.',
            unit: 'short',
            min: 0,
            width: 12,
            queries: [{ expr: stockDrift, legend: 'SKUs' }],
          }),
        ],
      },
      {
        title: 'Orders',
        panels: [
          statPanel({
            title: 'Orders in this range',
            description: 'Orders that came to their end within the range shown, as counted by the functions.',
            unit: 'short',
            decimals: 0,
            width: 8,
            height: 8,
            queries: [{ expr: grown('shop_orders_total', where, 'outcome', '$__range'), legend: '{{outcome}}' }],
            thresholds: informative,
          }),
          perMinutePanel({
            title: 'Orders by outcome',
            description: 'Orders that came to their end, per minute.',
            metric: 'shop_orders_total',
            where,
          }),
          timeseriesPanel({
            title: 'Open orders over time',
            description: 'Orders on their way to an end, by status.',
            unit: 'short',
            min: 0,
            queries: [{ expr: 'sum by (status) (shop_orders_open{job="postgres"})', legend: '{{status}}' }],
          }),
        ],
      },
      {
        title: 'Money',
        panels: [
          timeseriesPanel({
            title: 'Captured, as orders say',
            description: 'What was taken from customers, ever, per currency.',
            unit: 'none',
            decimals: 2,
            width: 6,
            queries: [{ expr: inWholeUnits('shop_orders_captured_amount'), legend: currency }],
          }),
          timeseriesPanel({
            title: 'Received, as the gateway says',
            description: 'What was taken from customers, ever, per currency: the same as orders say, when none is open.',
            unit: 'none',
            decimals: 2,
            width: 6,
            queries: [{ expr: inWholeUnits('shop_gateway_received_amount'), legend: currency }],
          }),
          timeseriesPanel({
            title: 'Refunded, as orders say',
            description: 'What was given back to customers, ever, per currency.',
            unit: 'none',
            decimals: 2,
            width: 6,
            queries: [{ expr: inWholeUnits('shop_orders_refunded_amount'), legend: currency }],
          }),
          timeseriesPanel({
            title: 'Refunded, as the gateway says',
            description: 'What was given back to customers, ever, per currency: the same as orders say, when none is open.',
            unit: 'none',
            decimals: 2,
            width: 6,
            queries: [{ expr: inWholeUnits('shop_gateway_refunded_amount'), legend: currency }],
          }),
        ],
      },
      {
        title: 'Goods',
        panels: [
          perMinutePanel({
            title: 'Reservations',
            description: 'Calls on holds per minute, by what was asked and what came of it.',
            metric: 'shop_reservations_total',
            by: 'operation, outcome',
            where,
            width: 12,
          }),
          timeseriesPanel({
            title: 'Holds',
            description:
              'Holds that keep stock from being sold until their order is decided; more holds than open orders are being forgotten.',
            unit: 'short',
            min: 0,
            width: 12,
            queries: [
              { expr: 'sum by (status) (shop_holds{job="postgres"})', legend: '{{status}}' },
              { expr: 'sum(shop_holds_overdue{job="postgres"})', legend: 'overdue' },
            ],
          }),
        ],
      },
    ],
  })
