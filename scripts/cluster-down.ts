import { requireTools, runAll } from './cluster/run.ts'
import { downCommands, tools } from './cluster/steps.ts'

requireTools(tools, ['kind'])
runAll(downCommands)
