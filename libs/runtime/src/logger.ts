import { pino } from 'pino'
import { activeSpan } from './tracing/active-span.ts'

/** Levels from most to least verbose; `silent` writes nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
/** One of {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number]

/** Fields of a structured log line. `err` is written with its code, stack and causes. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Structured logging. Fields first, then a constant sentence, so that lines of one kind can be found and counted. Lines
 * that are written while a service with tracing handles a request have its `trace_id` and `span_id`.
 *
 * @example log.warn({ uid, err }, 'login refused')
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A logger that adds `fields` to each line. */
  child(fields: LogFields): Logger
}

/** Where to write and how much. */
export interface LoggerOptions {
  readonly level: LogLevel
  /** Fields of every line, for example service and instance id. */
  readonly fields?: LogFields
  /** Receives whole lines; stdout when absent. */
  readonly write?: (line: string) => void
}

/** A pino logger with ISO timestamps and level names. @example createLogger({ level: 'info' }) */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: options.fields ?? {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.errWithCause },
    // Lines of one request are found by it in the logs of all services.
    mixin: traceFields,
    redact: ['token', 'password', '*.token', '*.password'],
  }
  const { write } = options
  return write === undefined
    ? pino(settings, pino.destination({ dest: 1, sync: true }))
    : pino(settings, { write })
}

function traceFields(): LogFields {
  const span = activeSpan()
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId }
}

/** A logger that writes nothing. */
export const silentLogger: Logger = createLogger({ level: 'silent', write: () => {} })
