import { z } from 'zod'

/** Codes of a handshake answer, as Pomelo clients know them. */
export const handshakeCode = Object.freeze({ ok: 200, fail: 400, oldClient: 501 })

const scalar = z.string().max(64)

/** What a client sends first, always as plain JSON. Unknown fields are dropped. */
export const handshakeRequest = z.object({
  sys: z.object({
    /** Kind of client: Pomelo's name for it … */
    type: scalar.optional(),
    /** … and Pitaya's. */
    platform: scalar.optional(),
    /** Version of the client: Pomelo's name for it … */
    version: scalar.optional(),
    /** … and Pitaya's (`clientBuildNumber` is ignored). */
    clientVersion: scalar.optional(),
    libVersion: scalar.optional(),
    /** Absent means `json`, as Pomelo and Pitaya clients expect. */
    serializer: scalar.optional(),
    /** Ours: `true` asks for the route dictionary even where `type` would not. */
    dict: z.boolean().optional(),
  }),
  user: z.record(z.string().max(64), z.unknown()).optional(),
})

/** Type of {@link handshakeRequest}. */
export type HandshakeRequest = z.output<typeof handshakeRequest>

/** What the gate answers, always as plain JSON and never compressed. */
export const handshakeResponse = z.object({
  code: z.number().int(),
  sys: z
    .object({
      /** Seconds between heartbeats. */
      heartbeat: z.number().nonnegative(),
      serializer: z.string(),
      dict: z.record(z.string(), z.number().int()).optional(),
    })
    .optional(),
  /** Why `code` is not 200. */
  reason: z.string().optional(),
  user: z.record(z.string(), z.unknown()).optional(),
})

/** Type of {@link handshakeResponse}. */
export type HandshakeResponse = z.output<typeof handshakeResponse>

/** Body of a kick packet, as plain JSON. */
export const kickBody = z.object({ code: z.string(), reason: z.string() })

/** Type of {@link kickBody}. */
export type KickBody = z.output<typeof kickBody>
