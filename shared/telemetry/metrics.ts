import type { Attributes, Meter, MetricOptions, ObservableCallback } from '@opentelemetry/api'

// The metrics API has no proxy: an instrument made before the SDK is registered records nothing for ever. The SDK is
// loaded after the first answer, so these instruments keep what is measured before and hand it over.
type Attach = (meter: Meter | undefined) => void
const waiting: Attach[] = []
let attached: { readonly meter: Meter | undefined } | undefined

/** Creates the real instruments on `meter` and replays everything measured so far; without a meter all of it is forgotten. */
export function attachMeter(meter: Meter | undefined): void {
  attached = { meter }
  for (const attach of waiting.splice(0)) attach(meter)
}

function onMeter(attach: Attach): void {
  if (attached) attach(attached.meter)
  else waiting.push(attach)
}

type Record = (value: number, attributes?: Attributes) => void

function recorder(create: (meter: Meter) => Record, initial: readonly (readonly [number, Attributes])[] = []): Record {
  let record: Record | undefined
  let kept: (readonly [number, Attributes | undefined])[] = [...initial]
  onMeter((meter) => {
    record = meter ? create(meter) : () => {}
    for (const [value, attributes] of kept) record(value, attributes)
    kept = []
  })
  return (value, attributes) => {
    if (record) record(value, attributes)
    else kept.push([value, attributes])
  }
}

/** A counter that exists at 0, for each of the `zero` attribute sets, before the first event. */
export function counter(name: string, { zero = [{}], ...options }: MetricOptions & { zero?: readonly Attributes[] } = {}) {
  const add = recorder(
    (meter) => {
      const instrument = meter.createCounter(name, options)
      return (value, attributes) => instrument.add(value, attributes)
    },
    zero.map((attributes) => [0, attributes] as const),
  )
  return { add }
}

/** A value that goes up and down, such as requests under way. */
export function upDownCounter(name: string, options: MetricOptions = {}) {
  const add = recorder((meter) => {
    const instrument = meter.createUpDownCounter(name, options)
    return (value, attributes) => instrument.add(value, attributes)
  })
  return { add }
}

/** Bucket bounds in seconds that the semantic conventions advise for request durations. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** A distribution; durations are in seconds. */
export function histogram(name: string, { buckets = durationBuckets, ...options }: MetricOptions & { buckets?: number[] } = {}) {
  const record = recorder((meter) => {
    const instrument = meter.createHistogram(name, { unit: 's', ...options, advice: { explicitBucketBoundaries: buckets } })
    return (value, attributes) => instrument.record(value, attributes)
  })
  return { record }
}

type Read = () => Iterable<readonly [number, Attributes]>

const observing =
  (read: Read): ObservableCallback =>
  (result) => {
    for (const [value, attributes] of read()) result.observe(value, attributes)
  }

/** A value read at each scrape. */
export function gauge(name: string, options: MetricOptions, read: Read): void {
  onMeter((meter) => meter?.createObservableGauge(name, options).addCallback(observing(read)))
}

/** A sum that only grows and is kept elsewhere, read at each scrape. */
export function observedCounter(name: string, options: MetricOptions, read: Read): void {
  onMeter((meter) => meter?.createObservableCounter(name, options).addCallback(observing(read)))
}
