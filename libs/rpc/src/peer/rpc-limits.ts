import { z } from 'zod'

const count = z.number().int().positive()

/** Bounds of one peer, as a section of a service's configuration. */
export const rpcLimitsSchema = z.object({
  /** How long a call waits when it does not say so itself. */
  defaultTimeoutMs: count.default(5_000),
  /** Calls sent and not yet answered; `SERVER_BUSY` at once beyond. */
  maxInFlight: count.default(20_000),
  /** Calls being handled at one time; `SERVER_BUSY` to the caller beyond. */
  maxHandling: count.default(10_000),
  /** Estimated size at which a batch is closed and the next one begun; less where the bus takes less. */
  maxBatchBytes: count.default(256 * 1024),
  /**
   * How long, in milliseconds, calls to a server gather while it has not answered those before; 0: only those of one
   * turn go together. An idle server is sent each call at once.
   */
  maxGatherMs: z.number().int().min(0).max(1_000).default(2),
  /** Calls and replies that wait for a lost connection; beyond, calls are refused with `SERVER_BUSY`, replies dropped. */
  maxHeldBytes: count.default(16 * 1024 * 1024),
})

/** Type of {@link rpcLimitsSchema}. */
export type RpcLimits = z.output<typeof rpcLimitsSchema>

/** The limits of a peer that was given none. */
export const defaultRpcLimits: RpcLimits = Object.freeze(rpcLimitsSchema.parse({}))
