/**
 * What every service shares: clock, ids, log, metrics, lifecycle, config, tokens, operations endpoint.
 *
 * @module
 */
export { delay, systemClock } from './clock.ts'
export type { Clock, Timer } from './clock.ts'
export { createCountingIds, createIds } from './ids.ts'
export type { Ids } from './ids.ts'
export { Lifecycle } from './lifecycle.ts'
export type { Stoppable } from './lifecycle.ts'
export { createLogger, logLevels, silentLogger } from './logger.ts'
export type { LogFields, Logger, LoggerOptions, LogLevel } from './logger.ts'
export { ManualClock } from './manual-clock.ts'
export { createMetrics } from './metrics.ts'
export type { Counter, Gauge, Histogram, Labels, MetricOptions, Metrics } from './metrics.ts'
