// The formats that metrics are told in, and who gets which. Pure.

/** OpenMetrics 1.0, or the older text format of Prometheus. */
export type MetricsFormat = 'openmetrics' | 'text'

/** By the Accept header: OpenMetrics where it is named, as Prometheus does. */
export const formatFor = (accept: string): MetricsFormat =>
  accept.includes('application/openmetrics-text') ? 'openmetrics' : 'text'
