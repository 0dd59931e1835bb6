import * as z from 'zod'

/** Codes of a handshake answer, as Pomelo clients know them. */
export const handshakeCode = Object.freeze({ ok: 200, fail: 400, oldClient: 501 })

const scalar = z.string().max(64)

/** What a client sends first, always as plain JSON. Unknown fields are dropped. */
export const handshakeRequest = z.object({
  sys: z.object({
    type: scalar.optional().describe('Kind of client, as Pomelo names it.'),
    platform: scalar.optional().describe('Kind of client, as Pitaya names it.'),
    version: scalar.optional().describe('Version of the client, as Pomelo names it.'),
    clientVersion: scalar.optional().describe('Version of the client, as Pitaya names it.'),
    libVersion: scalar.optional().describe('Version of the client library.'),
    serializer: scalar
      .optional()
      .describe('`json` or `msgpack`; absent means `json`, as Pomelo and Pitaya have it.'),
    dict: z
      .boolean()
      .optional()
      .describe('`true` asks for the route dictionary even where `type` would not.'),
    compress: z
      .boolean()
      .optional()
      .describe('`true`: this client can read compressed bodies (zlib, message flag 0x10).'),
    resume: z
      .boolean()
      .optional()
      .describe('`true`: this client counts the pushes it receives and may come back for those it missed.'),
  }),
  user: z
    .record(z.string().max(64), z.unknown())
    .optional()
    .describe('Whatever the application likes to say.'),
})

/** Type of {@link handshakeRequest}. */
export type HandshakeRequest = z.output<typeof handshakeRequest>

/** What the gate answers, always as plain JSON and never compressed. */
export const handshakeResponse = z.object({
  code: z.number().int().describe('200: accepted. 400: refused. 501: the client is too old.'),
  sys: z
    .object({
      heartbeat: z.number().nonnegative().describe('Seconds between heartbeats; 0: none.'),
      serializer: z.string().describe('How all bodies of this connection are written.'),
      dict: z
        .record(z.string(), z.number().int())
        .optional()
        .describe('Code of each route and push, by name.'),
    })
    .optional(),
  reason: z.string().optional().describe('Why `code` is not 200.'),
  user: z.record(z.string(), z.unknown()).optional(),
})

/** Type of {@link handshakeResponse}. */
export type HandshakeResponse = z.output<typeof handshakeResponse>

/** Body of a kick packet, as plain JSON. */
export const kickBody = z.object({
  code: z.string().describe('A word to branch on, see the codes below.'),
  reason: z.string().describe('A sentence for a person.'),
})

/** Type of {@link kickBody}. */
export type KickBody = z.output<typeof kickBody>
