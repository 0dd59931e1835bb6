/**
 * What every service shares: clock, ids, log, metrics, lifecycle, config, tokens, operations endpoint.
 *
 * @module
 */
export { delay, systemClock } from './clock.ts'
export type { Clock, Timer } from './clock.ts'
export { configFileVariable, fileVariable, variablesOf } from './config-env.ts'
export type { Environment } from './config-env.ts'
export { configFields } from './config-fields.ts'
export type { ConfigField, FieldKind } from './config-fields.ts'
export {
  logConfigSchema,
  opsConfigSchema,
  serviceConfigSchema,
  tokenConfigSchema,
} from './config-sections.ts'
export type { LogConfig, OpsConfig, ServiceConfig, TokenConfig } from './config-sections.ts'
export { unitOfKey } from './config-unit.ts'
export { deepFreeze } from './deep-freeze.ts'
export { describeConfig } from './describe-config.ts'
export type { ConfigKey, ConfigSection } from './describe-config.ts'
export { createEventLog, eventLogConfigSchema, noEventLog } from './event-log/event-log.ts'
export type { EventFields, EventLog, EventLogConfig, EventLogOptions } from './event-log/event-log.ts'
export { configuredPath, findAbove } from './find-file.ts'
export { startHttpServer } from './http-server.ts'
export type { HttpServer, HttpServerOptions, ListenAddress } from './http-server.ts'
export { createCountingIds, createIds } from './ids.ts'
export type { Ids } from './ids.ts'
export { Lifecycle } from './lifecycle.ts'
export type { Stoppable } from './lifecycle.ts'
export { loadConfig } from './load-config.ts'
export type { LoadConfigOptions } from './load-config.ts'
export { createLogger, logLevels, silentLogger } from './logger.ts'
export type { LogFields, Logger, LoggerOptions, LogLevel } from './logger.ts'
export { ManualClock } from './manual-clock.ts'
export { createMetrics } from './metrics.ts'
export type {
  Collected,
  Counter,
  CounterChild,
  Gauge,
  Histogram,
  HistogramChild,
  Labels,
  MetricDescription,
  MetricOptions,
  LabelledValue,
  Metrics,
} from './metrics.ts'
export { Outcomes } from './outcomes.ts'
export { createProbesApp, startOpsServer } from './ops-server.ts'
export type { OpsOptions } from './ops-server.ts'
export { PeriodicLook } from './periodic-look.ts'
export type { PeriodicLookOptions } from './periodic-look.ts'
export { RateLimiter } from './rate-limiter.ts'
export type { RateLimiterOptions } from './rate-limiter.ts'
export { observeReadiness } from './readiness-metrics.ts'
export { Readiness } from './readiness.ts'
export type { ReadinessCheck, ReadinessOptions, ReadinessReport } from './readiness.ts'
export { runBackedService } from './run-backed-service.ts'
export type { BackendDeps, RunBackedServiceOptions } from './run-backed-service.ts'
export { exitCode, runService } from './run-service.ts'
export type { ProcessHost, RunServiceOptions, ServiceApp, ServiceContext } from './run-service.ts'
export { isLoopback, productionFindings, withProductionRules } from './production-rules.ts'
export type { ProductionFinding } from './production-rules.ts'
export { password, secretList, secretString, urlWithPassword } from './secret.ts'
export { createSessionTokens } from './session-token.ts'
export type { SessionTokenClaims, SessionTokens, SessionTokensOptions } from './session-token.ts'
export { activeSpan, endWith, inSpan, withSpan } from './tracing/active-span.ts'
export { MemoryTracer } from './tracing/memory-tracer.ts'
export type { KeptSpan } from './tracing/memory-tracer.ts'
export { openTracer } from './tracing/open-tracer.ts'
export type { TracerDeps } from './tracing/open-tracer.ts'
export { sharedSpan } from './tracing/shared-span.ts'
export { unsampledSpan } from './tracing/span.ts'
export type { Span, SpanAttributes, SpanKind, SpanOptions } from './tracing/span.ts'
export { inTrace, noTracer } from './tracing/tracer.ts'
export type { Tracer } from './tracing/tracer.ts'
export { tracingConfigSchema } from './tracing/tracing-config.ts'
export type { TracingConfig } from './tracing/tracing-config.ts'
export { createSparseLog } from './sparse-log.ts'
export type { SparseLog } from './sparse-log.ts'
export { isNamed, readTlsFiles } from './tls-files.ts'
export type { TlsFiles, TlsMaterial } from './tls-files.ts'
export { variableValue } from './variable-value.ts'
export type { VariableValue } from './variable-value.ts'
export { version } from './version.ts'
