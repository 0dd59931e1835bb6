import { storageConfigSchema } from '@hydra/persistence'
import { clusterConfigSchema, rpcLimitsSchema } from '@hydra/rpc'
import { logConfigSchema, opsConfigSchema, serviceConfigSchema } from '@hydra/runtime'
import { z } from 'zod'

const ms = z.int().min(1).max(3_600_000)

const channelSection = z.strictObject({
  /** How long a gate may take to join a session to its channels. */
  gateTimeoutMs: ms.default(1_000),
})

const drainSection = z.strictObject({
  /** How long the registry may take to tell the others that nothing new should come. */
  announceMs: ms.default(300),
  /** How long calls that are being answered may take when the server stops. */
  callsMs: ms.default(2_000),
})

/** Configuration of the chat service; `data/conf/chatserver.toml` explains each key. */
export const chatConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
    ops: opsConfigSchema(9_103).prefault({}),
    cluster: clusterConfigSchema.prefault({}),
    rpc: rpcLimitsSchema.prefault({}),
    storage: storageConfigSchema.prefault({}),
    channel: channelSection.prefault({}),
    drain: drainSection.prefault({}),
  })
  .refine(({ service, drain }) => drain.announceMs + drain.callsMs < service.stopTimeoutMs, {
    path: ['drain', 'callsMs'],
    message: 'expected announceMs + callsMs to be less than [service] stopTimeoutMs',
  })

/** Type of {@link chatConfigSchema}. */
export type ChatConfig = z.output<typeof chatConfigSchema>
