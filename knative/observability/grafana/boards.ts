import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { overview } from './boards/overview.ts'

/** Makes every board. */
export const makeBoards = (): Dashboard[] => [overview()]
