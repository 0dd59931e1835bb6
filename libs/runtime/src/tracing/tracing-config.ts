import { z } from 'zod'
import { isLoopback, withProductionRules } from '../production-rules.ts'
import { secretHeaders } from '../secret.ts'

const schema = z
  .strictObject({
    endpoint: z
      .url({ protocol: /^https?$/ })
      // It is logged while it does not take what it is sent.
      .refine((url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '', {
        error: 'expected no user or password in it, but headers',
      })
      .optional()
      .describe('Where spans are sent: OTLP over HTTP. Absent: there is no tracing.')
      .meta({ example: 'http://127.0.0.1:4318/v1/traces' }),
    sampleRatio: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe(
        'Share of the traces beginning in this service that are recorded; those begun elsewhere are recorded if they are there. 0: there is no tracing.',
      ),
    queueMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(8_192)
      .describe('Spans that may wait to be sent; more are dropped and counted.'),
    batchMax: z.int().min(1).max(100_000).default(512).describe('Most spans in one request to the endpoint.'),
    batchDelayMs: z
      .int()
      .min(10)
      .max(600_000)
      .default(2_000)
      .describe('How long a span waits for others to be sent with it.'),
    exportTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(5_000)
      .describe('How long one request to the endpoint may take; then its spans are given up.'),
    flushTimeoutMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(250)
      .describe('How long stopping waits for the last spans to be sent.'),
    headers: secretHeaders(
      /^[A-Za-z0-9!#$%&'*+.^_`|~-]+=./,
      'a header such as "authorization=Bearer abc"',
      16,
    )
      .optional()
      .describe(
        'Headers of each request to the endpoint, as name=value: for endpoints that ask for a key. Comes from the environment in production.',
      )
      .meta({ example: ['authorization=Bearer abc'] }),
  })
  .refine(({ batchMax, queueMax }) => batchMax <= queueMax, {
    path: ['batchMax'],
    message: 'expected batchMax to be at most queueMax',
  })
  .describe('Spans of requests, for OpenTelemetry; off unless `endpoint` is set.')

/** Section `[tracing]` of every service: off unless `endpoint` is set. */
export const tracingConfigSchema = withProductionRules(schema, ({ endpoint, sampleRatio }) => {
  if (endpoint === undefined || sampleRatio === 0) return []
  const { protocol, hostname } = new URL(endpoint)
  return protocol === 'https:' || isLoopback(hostname)
    ? []
    : [
        {
          key: 'endpoint',
          problem:
            'spans, and the key that the endpoint asks for, go to another machine without TLS: whoever is on the network between reads them.',
        },
      ]
})

/** Type of {@link tracingConfigSchema}. */
export type TracingConfig = z.output<typeof tracingConfigSchema>
