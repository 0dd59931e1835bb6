import { z } from 'zod'
import { limits } from './limits.ts'
import { id, timestampMs } from './routes/shared.ts'

/** Name of an account: what its owner types, never shown to other players. Compared without regard to case. */
export const username = z
  .string()
  .min(limits.usernameMinChars)
  .max(limits.usernameMaxChars)
  .regex(/^[A-Za-z0-9_.@-]+$/, 'letters, digits and _ . @ -')

/** Body of `POST /account/register` and `POST /account/login`. */
export const credentials = z.object({
  username,
  password: z.string().min(limits.passwordMinChars).max(limits.passwordMaxChars),
})

/** Answer of register and login: show `token` to the gate before `expiresAtMs`. */
export const accountToken = z.object({ uid: id, token: z.string(), expiresAtMs: timestampMs })

/** Answer of `GET /serverList?serverType=gate`: where clients can connect. */
export const serverList = z.object({
  servers: z.array(
    z.object({ id, type: z.string(), zone: z.string(), host: z.string(), port: z.number().int() }),
  ),
})

/** Type of {@link credentials}. */
export type Credentials = z.output<typeof credentials>
/** Type of {@link accountToken}. */
export type AccountToken = z.output<typeof accountToken>
/** Type of {@link serverList}. */
export type ServerList = z.output<typeof serverList>
