import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { noTracer, type Tracer } from './tracer.ts'
import type { TracingConfig } from './tracing-config.ts'

/** What a tracer needs. */
export interface TracerDeps {
  /** Name of the service in traces: `hydra-gate` for `gate`. */
  readonly service: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** A number in [0, 1), which decides what is sampled: `Math.random`. */
  readonly random: () => number
}

/**
 * The tracer that a configuration asks for. Without an endpoint, or with a `sampleRatio` of 0, it is one that does
 * nothing, and OpenTelemetry's SDK is not loaded.
 *
 * @example const tracer = await openTracer(config.tracing, { service: 'gate', clock, log, metrics, random: Math.random })
 */
export async function openTracer(config: TracingConfig, deps: TracerDeps): Promise<Tracer> {
  const { endpoint, sampleRatio } = config
  if (endpoint === undefined || sampleRatio === 0) return noTracer
  const { createOtelTracer } = await import('./otel-tracer.ts')
  return createOtelTracer({ ...config, endpoint }, deps)
}
