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
export const requests = (where: string, range = '$__rate_interval') =>
  `(sum by (kn_service_name) (rate(${http}_count{${where}}[${range}])) or sum by (kn_service_name) (rate(${rpc}_count{${where},${noProbe}}[${range}])))`

/** Requests per second and function that failed through the server's fault; 0 where there are requests and none failed. */
export const failures = (where: string, range = '$__rate_interval') =>
  `(sum by (kn_service_name) (rate(${http}_count{${where},${httpFailed}}[${range}])) or sum by (kn_service_name) (rate(${rpc}_count{${where},${noProbe},${rpcFailed}}[${range}])) or 0 * ${requests(where, range)})`

/** The share of requests that failed, per function; nothing where there are no requests. */
export const failureRatio = (where: string, range = '$__rate_interval') => `${failures(where, range)} / (${requests(where, range)} > 0)`

/** A quantile of the time a function takes to answer, in seconds. */
export const latency = (quantile: number, where: string, range = '$__rate_interval') =>
  `histogram_quantile(${quantile}, sum by (le, kn_service_name) (rate(${http}_bucket{${where}}[${range}])) or sum by (le, kn_service_name) (rate(${rpc}_bucket{${where},${noProbe}}[${range}])))`

/** A quantile of a histogram, by what its series are told apart. */
export const quantileOf = (quantile: number, histogram: string, by: string, where: string, range = '$__rate_interval') =>
  `histogram_quantile(${quantile}, sum by (le, ${by}) (rate(${histogram}_bucket{${where}}[${range}])))`

/** Matchers of requests that failed through the server's fault. */
export const failed = { http: httpFailed, rpc: rpcFailed } as const
/** The matcher of calls that are no probe. */
export const called = noProbe

/**
 * Processes that were started, per function. Each counts itself once, mostly before it is scraped first, so that `increase` sees
 * nothing: counted are processes that nobody had seen until then. `range` is a multiple of a minute.
 */
export const coldStarts = (where: string, range: string) => {
  const starts = `faas_coldstarts_total{${where}}`
  return `sum by (kn_service_name) (count_over_time((${starts} unless last_over_time(${starts}[10m] offset 1m))[${range}:1m]))`
}

/** A quantile of the seconds from a process's spawn until it listened, over the processes alive within `range`. */
export const initDuration = (quantile: number, where: string, range = '$__range') =>
  `histogram_quantile(${quantile}, sum by (le, kn_service_name) (last_over_time(faas_init_duration_seconds_bucket{${where}}[${range}])))`

/** How much of the failures the SLO allows is left, per function: 1 is all of it, below 0 the promise is broken. */
export const budgetLeft = (where: string) => `1 - ${failureRatio(where, slo.window)} / ${Number((1 - slo.availability).toFixed(6))}`
