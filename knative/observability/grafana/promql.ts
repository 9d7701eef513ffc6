import { slo } from './slo.ts'

/** Every series of the functions that are chosen. */
export const chosen = 'job="functions",k8s_namespace_name=~"$namespace",kn_service_name=~"$kn_service_name"'

/** Every series of all functions, or of those whose names are given. */
export const functionsNamed = (...names: readonly string[]): string =>
  ['job="functions"', 'k8s_namespace_name=~"$namespace"', ...(names.length > 0 ? [`kn_service_name=~"${names.join('|')}"`] : [])].join(',')

/** Series of the autoscaler for the functions that are chosen. */
export const autoscaled = 'job="autoscaler",k8s_namespace_name=~"$namespace",kn_service_name=~"$kn_service_name"'

/**
 * A gauge of the autoscaler per function, as it was some time ago if told so. Each revision has a series, also one that gets no
 * more requests; that stands at 0.
 */
export const podsPerFunction = (metric: string, ago?: string) =>
  `sum by (kn_service_name) (max by (kn_service_name, kn_revision_name) (${metric}{${autoscaled}}${ago ? ` offset ${ago}` : ''}))`

/** A gauge of the autoscaler over all functions that are chosen. */
export const podsOverall = (metric: string) => `sum(max by (kn_service_name, kn_revision_name) (${metric}{${autoscaled}}))`

/** A gauge of the autoscaler per function that means nothing summed up over revisions. */
export const highestPerFunction = (metric: string) => `max by (kn_service_name) (${metric}{${autoscaled}})`

/** The activator's gauges know a revision but not its function, whose name it begins with. */
export const buffered = 'job="activator",k8s_namespace_name=~"$namespace",kn_revision_name=~"$kn_service_name-[0-9]{5}"'

/** A gauge of the activator per function. */
export const bufferedPerFunction = (metric: string) =>
  `sum by (kn_service_name) (label_replace(${metric}{${buffered}}, "kn_service_name", "$1", "kn_revision_name", "(.+)-[0-9]{5}"))`

/** Containers of the functions that are chosen, as the kubelet and kube-state-metrics call them: without their queue-proxy. */
export const containers = (job: 'kubelet-cadvisor' | 'kube-state-metrics') =>
  `job="${job}",namespace=~"$namespace",pod=~"$kn_service_name-[0-9]{5}-deployment-.+",container="user-container"`

const http = 'http_server_request_duration_seconds'
const rpc = 'rpc_server_call_duration_seconds'
/** Kubernetes asks for the health of a gRPC function by a call like any other. */
const noProbe = 'rpc_method!~"grpc.health.*"'
const httpFailed = 'http_response_status_code=~"5.."'
/** The codes by which a server says that it, and not its caller, is at fault. */
const rpcFailed = 'rpc_response_status_code=~"UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS"'

/** Requests per second and function, by HTTP or gRPC. */
export const requests = (where: string) =>
  `(sum by (kn_service_name) (rate(${http}_count{${where}}[$__rate_interval])) or sum by (kn_service_name) (rate(${rpc}_count{${where},${noProbe}}[$__rate_interval])))`

/** Requests per second and function that failed through the server's fault; 0 where there are requests and none failed. */
const failures = (where: string) =>
  `(sum by (kn_service_name) (rate(${http}_count{${where},${httpFailed}}[$__rate_interval])) or sum by (kn_service_name) (rate(${rpc}_count{${where},${noProbe},${rpcFailed}}[$__rate_interval])) or 0 * ${requests(where)})`

/** The share of requests that failed, per function; nothing where there are no requests. */
export const failureRatio = (where: string) => `${failures(where)} / (${requests(where)} > 0)`

/** A quantile of the time a function takes to answer, in seconds. */
export const latency = (quantile: number, where: string) =>
  `histogram_quantile(${quantile}, sum by (le, kn_service_name) (rate(${http}_bucket{${where}}[$__rate_interval])) or sum by (le, kn_service_name) (rate(${rpc}_bucket{${where},${noProbe}}[$__rate_interval])))`

/** A quantile of a histogram, by what its series are told apart. */
export const quantileOf = (quantile: number, histogram: string, by: string, where: string) =>
  `histogram_quantile(${quantile}, sum by (le, ${by}) (rate(${histogram}_bucket{${where}}[$__rate_interval])))`

/** Matchers of requests that failed through the server's fault. */
export const failed = { http: httpFailed, rpc: rpcFailed } as const
/** The matcher of calls that are no probe. */
export const called = noProbe

/**
 * How much a counter has grown within `range`. A function that wakes for one request has counted it before it is scraped first,
 * where `rate` and `increase` see nothing: here a series that was not there before counts in full.
 */
export const grown = (metric: string, where: string, by: string, range: string) => {
  const counter = `${metric}{${where}}`
  const now = `last_over_time(${counter}[${range}])`
  return `sum by (${by}) (${now} - last_over_time(${counter}[10m] offset ${range}) >= 0 or ${now})`
}

/** Processes that were started, per function. */
export const coldStarts = (where: string, range: string) => grown('faas_coldstarts_total', where, 'kn_service_name', range)

/** A quantile of the seconds from a process's spawn until it listened, over the processes alive within the hour before. */
export const initDuration = (quantile: number, where: string) =>
  `histogram_quantile(${quantile}, sum by (le, kn_service_name) (last_over_time(faas_init_duration_seconds_bucket{${where}}[1h])))`

/**
 * How much of the failed, or of the slow, requests that the SLO allows is left, per function: 1 is all of it, below 0 the promise
 * is broken. The alerts burn the same budget, by the same recorded counts.
 */
export const budgetLeft = (kind: keyof typeof slo.budgets, ...functions: readonly string[]) => {
  const where = `k8s_namespace_name=~"$namespace",kn_service_name=~"${functions.join('|') || '.+'}"`
  const count = (of: string) => `sum by (kn_service_name) (sum_over_time(function:${of}:count1m{${where}}[${slo.window}]))`
  return `1 - ${count(kind)} / (${count('requests')} > 0) / ${slo.budgets[kind]}`
}
