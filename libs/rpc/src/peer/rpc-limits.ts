import { z } from 'zod'

const count = z.number().int().positive()

/** Bounds of one peer, as a section of a service's configuration. */
export const rpcLimitsSchema = z
  .object({
    defaultTimeoutMs: count
      .default(5_000)
      .describe('How long a call waits for its answer when it does not say so itself.'),
    maxInFlight: count
      .default(20_000)
      .describe('Calls sent and not yet answered; more are refused with `SERVER_BUSY`.'),
    maxHandling: count
      .default(10_000)
      .describe('Calls being handled at one time; more are refused with `SERVER_BUSY`.'),
    maxBatchBytes: count
      .default(256 * 1024)
      .describe(
        'Size at which a batch of calls to one server is closed and the next one begun; less where NATS takes less.',
      ),
    maxGatherMs: z
      .number()
      .int()
      .min(0)
      .max(1_000)
      .default(2)
      .describe(
        'How long calls to a server gather while it has not answered those before; 0: only those of one turn go together. An idle server is sent each call at once.',
      ),
    maxHeldBytes: count
      .default(16 * 1024 * 1024)
      .describe(
        'Calls and replies that wait for a lost connection; further calls are refused with `SERVER_BUSY`, further replies dropped.',
      ),
  })
  .describe('Calls between servers.')

/** Type of {@link rpcLimitsSchema}. */
export type RpcLimits = z.output<typeof rpcLimitsSchema>

/** The limits of a peer that was given none. */
export const defaultRpcLimits: RpcLimits = Object.freeze(rpcLimitsSchema.parse({}))
