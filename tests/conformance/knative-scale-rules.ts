import type { KubeObject } from './kube.ts'

const PREFIX = 'autoscaling.knative.dev/'

type Rule = (value: string) => boolean

const between =
  (least: number, most = Number.POSITIVE_INFINITY): Rule =>
  (value) =>
    /^-?\d+(\.\d+)?$/.test(value) && Number(value) >= least && Number(value) <= most
const whole =
  (least: number): Rule =>
  (value) =>
    /^\d+$/.test(value) && Number(value) >= least
const oneOf =
  (...values: string[]): Rule =>
  (value) =>
    values.includes(value)

/** Whole seconds from `least` to one hour, written as Go writes durations. */
const duration =
  (least: number): Rule =>
  (value) => {
    const [, minutes, seconds] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(value) ?? []
    if (minutes === undefined && seconds === undefined) return false
    const total = Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
    return total >= least && total <= 3600
  }

/** The annotations there are, and what they may be. Any other is silently without effect, or refused. */
const annotations: Readonly<Record<string, Rule>> = {
  class: oneOf('kpa.autoscaling.knative.dev'),
  metric: oneOf('concurrency', 'rps'),
  target: between(0.01),
  'target-utilization-percentage': between(1, 100),
  'min-scale': whole(0),
  'max-scale': whole(1),
  // None but 1 proves that a revision starts before it gets traffic; 0 takes a flag besides.
  'initial-scale': whole(1),
  'activation-scale': whole(2),
  'scale-down-delay': duration(0),
  'scale-to-zero-pod-retention-period': duration(0),
  window: duration(6),
  'panic-window-percentage': between(1, 100),
  'panic-threshold-percentage': between(110, 1000),
  'target-burst-capacity': between(-1),
  'metric-aggregation-algorithm': oneOf('linear', 'weighted-exponential'),
}

/** What is wrong with the scaling of a Knative Service. */
export function scaleFaults({ metadata, spec }: KubeObject): string[] {
  const given = spec?.template?.metadata?.annotations ?? {}
  const scaling = Object.entries(given).filter(([key]) => key.startsWith(PREFIX))
  const value = (key: string) => (given[PREFIX + key] === undefined ? undefined : Number(given[PREFIX + key]))
  const [min = 0, max, target, limit] = [value('min-scale'), value('max-scale'), value('target'), spec?.template?.spec.containerConcurrency]
  return [
    ...Object.keys(metadata.annotations ?? {})
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => `${key} is an annotation of the template: on the Service it does nothing`),
    ...scaling.flatMap(([key, text]) => {
      const rule = annotations[key.slice(PREFIX.length)]
      if (!rule) return [`there is no annotation ${key}`]
      return typeof text === 'string' && rule(text) ? [] : [`${key} may not be ${JSON.stringify(text)}`]
    }),
    ...(max === undefined ? ['there is no max-scale: without one a burst opens more connections than the database has'] : []),
    ...(max !== undefined && max < min ? [`max-scale ${max} is less than min-scale ${min}`] : []),
    ...(target === undefined ? ['there is no target: the default is a share of the limit that nobody chose'] : []),
    ...(target !== undefined && limit !== undefined && target > limit
      ? [`target ${target} is more than containerConcurrency ${limit}: queue-proxy would hold requests that no pod is added for`]
      : []),
  ]
}
