import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { autoscaling } from './boards/autoscaling.ts'
import { books } from './boards/books.ts'
import { functionBoard } from './boards/function.ts'
import { inventory } from './boards/inventory.ts'
import { orders } from './boards/orders.ts'
import { overview } from './boards/overview.ts'
import { payments } from './boards/payments.ts'
import { users } from './boards/users.ts'

/** Makes every board. */
export const makeBoards = (): Dashboard[] =>
  [overview, functionBoard, autoscaling, books, users, inventory, orders, payments].map((make) => make())
