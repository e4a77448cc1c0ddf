// Samples → text, by prom-client: OpenMetrics 1.0 or the older text format of Prometheus. Loaded when somebody asks for the first time.
import { Counter, Gauge, Histogram, Registry, type OpenMetricsContentType } from 'prom-client'
import { metricDefinitions, type MetricDefinition, type MetricName } from './metric-definitions.ts'
import type { HistogramValue, Labels, Sample } from './metric-samples.ts'

/**
 * Renders samples in the format that the Accept header prefers: OpenMetrics where it is named, as Prometheus does.
 *
 * @returns the text and its content type
 */
export async function renderMetrics(
  samples: Iterable<Sample>,
  accept: string,
): Promise<{ contentType: string; body: string }> {
  const registry = accept.includes('application/openmetrics-text') ? openMetrics() : new Registry()
  // One of which there is nothing to tell is not made: prom-client would tell 0.
  const metrics = new Map<MetricName, Tell>()
  for (const { name, labels, value } of samples) {
    const metric = metrics.get(name) ?? makeMetric(registry, name, metricDefinitions[name])
    metrics.set(name, metric)
    metric(labels, value)
  }
  return { contentType: registry.contentType, body: await registry.metrics() }
}

type Tell = (labels: Labels, value: Sample['value']) => void
type AnyRegistry = Registry | Registry<OpenMetricsContentType>

function openMetrics(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  return registry
}

function makeMetric(registry: AnyRegistry, name: string, { type, help, labels: labelNames }: MetricDefinition): Tell {
  const configuration = { name, help, labelNames, registers: [registry] }
  if (type === 'histogram') {
    const histogram = new CountedHistogram(configuration)
    return (labels, value) => typeof value !== 'number' && histogram.tell(labels, value)
  }
  const metric = type === 'counter' ? new Counter(configuration) : new Gauge(configuration)
  return (labels, value) => typeof value === 'number' && metric.inc(labels, value)
}

type Configuration = ConstructorParameters<typeof Histogram>[0]

/** A histogram whose requests were counted elsewhere: prom-client's own can only observe them one by one. */
class CountedHistogram extends Histogram {
  readonly #configuration: Configuration
  readonly #told: [Labels, HistogramValue][] = []

  constructor(configuration: Configuration) {
    super(configuration)
    this.#configuration = configuration
  }

  tell(labels: Labels, value: HistogramValue): void {
    this.#told.push([labels, value])
  }

  /** What the registry asks for, instead of get(); it is not in prom-client's types. */
  getForPromString(): object {
    const { name, help } = this.#configuration
    return {
      name,
      help,
      type: 'histogram',
      values: this.#told.flatMap(([labels, value]) => this.#lines(labels, value)),
    }
  }

  #lines(labels: Labels, { buckets, count, sum }: HistogramValue) {
    const line = (suffix: string, value: number, more: Labels = {}) => ({
      metricName: `${this.#configuration.name}_${suffix}`,
      labels: { ...labels, ...more },
      value,
    })
    return [
      ...buckets.map((bucket) => line('bucket', bucket.count, { le: canonical(bucket.le) })),
      line('bucket', count, { le: '+Inf' }),
      line('sum', sum),
      line('count', count),
    ]
  }
}

/** OpenMetrics: a bound is always written in the same way, and 1 as "1.0". */
function canonical(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound)
}
