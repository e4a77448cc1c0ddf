// Samples → text, by prom-client: OpenMetrics 1.0 or the older text format of Prometheus. Loaded when somebody asks for the first time.
import { Gauge, Registry, type OpenMetricsContentType } from 'prom-client'
import { metricDefinitions, type MetricDefinition, type MetricName } from './metric-definitions.ts'
import type { MetricsFormat } from './metrics-format.ts'
import type { HistogramValue, Labels, Sample } from './metric-samples.ts'

/** @returns the samples as text, and its content type */
export async function renderMetrics(
  samples: Iterable<Sample>,
  format: MetricsFormat,
): Promise<{ contentType: string; body: string }> {
  const registry = format === 'openmetrics' ? openMetrics() : new Registry()
  // One of which there is nothing to tell is not made: prom-client would tell 0.
  const metrics = new Map<MetricName, CountedMetric>()
  for (const { name, labels, value } of samples) {
    const metric = metrics.get(name) ?? new CountedMetric(registry, name, metricDefinitions[name])
    metrics.set(name, metric)
    if (typeof value === 'number') metric.tell(labels, value)
    else metric.tellHistogram(labels, value)
  }
  return { contentType: registry.contentType, body: await registry.metrics() }
}

type AnyRegistry = Registry | Registry<OpenMetricsContentType>
type Line = Readonly<{ metricName?: string; labels: Labels; value: number }>

function openMetrics(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  return registry
}

/**
 * A metric of any type that was counted elsewhere. prom-client's own histograms can only observe values one by one, and each value
 * of its counters and gauges costs a hash of its labels: a fifth of an answer's time when there are a thousand groups.
 */
class CountedMetric extends Gauge {
  readonly #name: string
  readonly #definition: MetricDefinition
  /** The registry itself adds the suffix of counters to each line of OpenMetrics. */
  readonly #family: string
  readonly #lines: Line[] = []

  constructor(registry: AnyRegistry, name: string, definition: MetricDefinition) {
    super({ name, help: definition.help, labelNames: definition.labels, registers: [registry] })
    this.#name = name
    this.#definition = definition
    const isSuffixAdded = definition.type === 'counter' && registry.contentType === Registry.OPENMETRICS_CONTENT_TYPE
    this.#family = isSuffixAdded ? name.replace(/_total$/, '') : name
  }

  tell(labels: Labels, value: number): void {
    this.#lines.push({ labels, value })
  }

  tellHistogram(labels: Labels, { buckets, count, sum }: HistogramValue): void {
    const bucket = `${this.#name}_bucket`
    for (const { le, count: value } of buckets) {
      this.#lines.push({ metricName: bucket, labels: { ...labels, le: canonical(le) }, value })
    }
    this.#lines.push(
      { metricName: bucket, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${this.#name}_sum`, labels, value: sum },
      { metricName: `${this.#name}_count`, labels, value: count },
    )
  }

  /** What the registry asks for, instead of get(); it is not in prom-client's types. */
  getForPromString(): object {
    const { help, type } = this.#definition
    return { name: this.#family, help, type, values: this.#lines }
  }
}

/** OpenMetrics: a bound is always written in the same way, and 1 as "1.0". */
function canonical(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound)
}
