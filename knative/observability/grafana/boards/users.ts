import { board } from '../board.ts'
import { badAbove, informative, statPanel } from '../panels.ts'
import { grown } from '../promql.ts'
import { perMinutePanel } from './business.ts'
import { databaseOf, functionsOf, serviceSections } from './service.ts'

const where = functionsOf('users')

/** People: who registers, who logs in, and who tries to. */
export const users = () =>
  board({
    uid: 'shop-users',
    description: 'The users service: registrations, logins, sessions, and the functions and database behind them.',
    sections: [
      {
        title: 'Business',
        panels: [
          statPanel({
            title: 'Accounts',
            description: 'Accounts that can log in; an estimate when there are many.',
            unit: 'short',
            queries: [{ expr: `max(shop_accounts{${databaseOf('users')}})`, legend: 'Accounts' }],
            thresholds: informative,
          }),
          perMinutePanel({
            title: 'Registrations',
            description: 'Registrations per minute. Many with a taken address mean that somebody tries which addresses have accounts.',
            metric: 'shop_registrations_total',
            where,
            width: 7,
          }),
          perMinutePanel({
            title: 'Logins',
            description: 'Logins per minute. Wrong or throttled ones far above the others are somebody guessing passwords.',
            metric: 'shop_logins_total',
            where,
            width: 7,
          }),
          perMinutePanel({
            title: 'Refreshed sessions',
            description:
              'Uses of refresh tokens per minute. A reused one ended its whole session: the token was stolen, or a client is broken.',
            metric: 'shop_token_refreshes_total',
            where,
            width: 6,
          }),
          statPanel({
            title: 'Tokens reused',
            description: 'Refresh tokens used twice within the range shown; each ended its session.',
            unit: 'short',
            decimals: 0,
            queries: [{ expr: grown('shop_token_refreshes_total', `${where},outcome="reused"`, 'outcome', '$__range'), legend: 'Reused' }],
            thresholds: badAbove(1, 20),
          }),
        ],
      },
      ...serviceSections('users'),
    ],
  })
