import { z } from 'zod'
import { HydraError, services } from '@hydra/protocol'
import { isSubjectToken } from '../subjects.ts'
import type { ServerRecord } from './registry.ts'

const serverRecordSchema = z.object({
  id: z.string().refine(isSubjectToken),
  type: z.enum(services),
  zone: z.string(),
  host: z.string(),
  port: z.number().int().optional(),
  state: z.enum(['ready', 'draining']),
  metadata: z.record(z.string(), z.string()),
  startedAtMs: z.number(),
  protocol: z.number().int(),
})

/** Where the servers of a cluster stand in etcd. */
export const serversPrefix = (env: string): string => `hydra/${env}/servers/`

/** Where one server stands. */
export const serverKey = (env: string, server: Pick<ServerRecord, 'id' | 'type'>): string =>
  `${serversPrefix(env)}${server.type}/${server.id}`

/** The id that a key ends with. */
export const idOfKey = (key: string): string => key.slice(key.lastIndexOf('/') + 1)

/** Writes a record as the value of its key. */
export const encodeServer = (server: ServerRecord): string => JSON.stringify(server)

/**
 * Reads what {@link encodeServer} wrote; fields that newer servers add are left out.
 *
 * @throws HydraError `PROTOCOL_ERROR` when the value is no record, or that of another key.
 */
export function decodeServer(env: string, key: string, value: string): ServerRecord {
  let server: ServerRecord
  try {
    const { port, ...record } = serverRecordSchema.parse(JSON.parse(value))
    server = { ...record, ...(port === undefined ? {} : { port }) }
  } catch (cause) {
    throw new HydraError('PROTOCOL_ERROR', `The registry entry ${key} is no server record.`, { cause })
  }
  if (serverKey(env, server) === key) return server
  throw new HydraError('PROTOCOL_ERROR', `The registry entry ${key} describes ${server.type} ${server.id}.`)
}
