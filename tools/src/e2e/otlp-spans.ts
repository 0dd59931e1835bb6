import { readFields, type ProtobufField } from './protobuf-reader.ts'

/** A span as a collector receives it. */
export interface ReceivedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first of a trace. */
  readonly parentSpanId: string
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client' | 'other'
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly failed: boolean
}

const kinds = ['other', 'internal', 'server', 'client'] as const
const failedStatus = 2n

/**
 * Reads an `ExportTraceServiceRequest`.
 * Source: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 *
 * @throws Error when it is none.
 */
export function readSpans(request: Buffer): readonly ReceivedSpan[] {
  return all(readFields(request), 1).flatMap((resourceSpans) => {
    const fields = readFields(resourceSpans)
    const resource = attributesOf(readFields(bytesOf(fields, 1)), 1)
    const service = String(resource['service.name'])
    return all(fields, 2).flatMap((scope) => all(readFields(scope), 2).map((span) => readSpan(service, span)))
  })
}

function readSpan(service: string, span: Buffer): ReceivedSpan {
  const fields = readFields(span)
  const status = readFields(bytesOf(fields, 15))
  return {
    service,
    traceId: bytesOf(fields, 1).toString('hex'),
    spanId: bytesOf(fields, 2).toString('hex'),
    parentSpanId: bytesOf(fields, 4).toString('hex'),
    name: bytesOf(fields, 5).toString(),
    kind: kinds[Number(valueOf(fields, 6))] ?? 'other',
    startNs: valueOf(fields, 7),
    endNs: valueOf(fields, 8),
    attributes: attributesOf(fields, 9),
    links: all(fields, 13).map((link) => {
      const parts = readFields(link)
      return { traceId: bytesOf(parts, 1).toString('hex'), spanId: bytesOf(parts, 2).toString('hex') }
    }),
    failed: valueOf(status, 3) === failedStatus,
  }
}

function attributesOf(fields: readonly ProtobufField[], number: number) {
  return Object.fromEntries(
    all(fields, number).map((pair) => {
      const parts = readFields(pair)
      return [bytesOf(parts, 1).toString(), anyValue(bytesOf(parts, 2))]
    }),
  )
}

function anyValue(bytes: Buffer): string | number | boolean {
  const [field] = readFields(bytes)
  if (field === undefined) return ''
  if (field.number === 1) return field.bytes.toString()
  if (field.number === 2) return field.value === 1n
  return field.number === 4 ? field.bytes.readDoubleLE(0) : Number(field.value)
}

const all = (fields: readonly ProtobufField[], number: number): readonly Buffer[] =>
  fields.filter((field) => field.number === number).map(({ bytes }) => bytes)

const bytesOf = (fields: readonly ProtobufField[], number: number): Buffer =>
  all(fields, number)[0] ?? Buffer.alloc(0)

const valueOf = (fields: readonly ProtobufField[], number: number): bigint =>
  fields.find((field) => field.number === number)?.value ?? 0n
