import { parseArgs } from 'node:util'
import { ask, requireTools, runAll } from './cluster/run.ts'
import { CLUSTER, clustersQuery, createCluster, reachIt, tools, upCommands } from './cluster/steps.ts'

const { values } = parseArgs({ options: { print: { type: 'boolean', default: false } } })

if (values.print) for (const command of [createCluster, ...upCommands]) console.log(command.join(' '))
else {
  requireTools(tools)
  if (!ask(clustersQuery).split('\n').includes(CLUSTER)) runAll([createCluster])
  runAll(upCommands)
  console.log(`\n${reachIt}`)
}
