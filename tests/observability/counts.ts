import { topology } from '../../scripts/topology.ts'
import type { Labels } from './exposition.ts'
import type { Prometheus } from './prometheus.ts'
import { countIn, type Tally } from './tally.ts'
import { WEBHOOK_ENDPOINTS } from './webhook-endpoint.ts'

/** What functions have counted, by lines such as `catalog GET /v1/products 200` (answered) and `catalog GET 200` (asked of it). */
export type Counts = {
  /** Requests and calls that each function has answered. */
  readonly answered: Tally
  /** Calls that functions say they made, summed over the callers. */
  readonly calls: Tally
}

const called = (labels: Labels) => labels['rpc_method']?.split('/').at(-1)
const status = (labels: Labels) => labels['http_response_status_code'] ?? labels['rpc_response_status_code']

/** What Prometheus has scraped of the functions' counts so far. */
export async function countedBy(prometheus: Prometheus): Promise<Counts> {
  const tallyOf = async (histograms: readonly string[], line: (labels: Labels) => readonly (string | undefined)[]) => {
    const tally: Tally = new Map()
    for (const histogram of histograms)
      for (const { labels, values } of await prometheus.query(`${histogram}_count{job="functions"}`))
        countIn(tally, line(labels).join(' '), values[0])
    return tally
  }
  const answered = await tallyOf(['http_server_request_duration_seconds', 'rpc_server_call_duration_seconds'], (labels) => [
    labels['kn_service_name'],
    ...(called(labels) ? [called(labels)] : [labels['http_request_method'], labels['http_route']]),
    status(labels),
  ])
  const calls = await tallyOf(['http_client_request_duration_seconds', 'rpc_client_call_duration_seconds'], (labels) => [
    labels['service_peer_name'],
    called(labels) ?? labels['http_request_method'],
    status(labels),
  ])
  return { answered, calls }
}

/** Functions that nobody outside reaches, and routes that are not for the public. */
const inside = /^(reservations|payment-gateway) | \/internal\//

/** What is answered to somebody outside. */
export const askedOutside = ({ answered }: Counts): Tally => new Map([...answered].filter(([line]) => !inside.test(line)))

const calledByOthers = new Set<string>(Object.values(topology).flatMap(({ calls }) => calls))

/** What is answered to other functions: all that those answer whom others call, each of whom nobody else asks. */
export function askedInside({ answered }: Counts): Tally {
  const asked: Tally = new Map()
  for (const [line, times] of answered) {
    const [name = '', method, ...rest] = line.split(' ')
    if (calledByOthers.has(name) && !line.includes(` ${WEBHOOK_ENDPOINTS} `)) countIn(asked, `${name} ${method} ${rest.at(-1)}`, times)
  }
  return asked
}

export const sorted = (tally: Tally): Record<string, number> =>
  Object.fromEntries([...tally].toSorted(([one], [other]) => (one < other ? -1 : 1)))
