import { parseArgs } from 'node:util'
import { countSteps } from './demo/steps.ts'
import { targetClient } from './smoke/client.ts'
import { visitShop } from './smoke/visit.ts'

const usage = `Usage: npm run smoke -- --url <url> [options]
  --url          where the shop answers: its edge, or the ingress of a cluster
  --host-suffix  asks each function by its own host, <function>.<suffix>, instead of the edge
  --prometheus   the Prometheus that watches the shop: orders are looked up there, and scaling to zero is waited for
  --metrics      the metrics page of orders, where there is no Prometheus`

const url = { type: 'string' } as const
const { values } = parseArgs({ options: { url, 'host-suffix': url, prometheus: url, metrics: url } })
const say = (line: string) => console.log(line)

if (!values.url || !URL.canParse(values.url)) {
  console.error(usage)
  process.exitCode = 2
} else {
  const steps = countSteps(say)
  const client = targetClient({ url: values.url, hostSuffix: values['host-suffix'] })
  try {
    await visitShop(client, steps, { prometheus: values.prometheus, metrics: values.metrics })
    say(`smoke: ${steps.count()} steps, all as expected`)
  } catch (error) {
    console.error(`smoke: not as expected: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
