import type { JsonObject, Presence, StorageObjects } from '@hydra/persistence'
import { z } from 'zod'
import type { Chat } from '../chat.ts'

/** Until when a role may not speak, and what it is told when it tries. */
export interface Silence {
  readonly untilMs: number
  readonly reason?: string
}

const [collection, key] = ['chat', 'silence']
const stored = z.object({ untilMs: z.number(), reason: z.string().optional() })

/**
 * The silence of a role, if it has not ended. It is stored, so that it outlives presence and restarts; presence only
 * has a copy of its end, for those who ask with each message.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 */
export async function readSilence(
  objects: Pick<StorageObjects, 'get'>,
  rid: string,
  nowMs: number,
): Promise<Silence | undefined> {
  const found = await objects.get(rid, collection, key)
  if (found === undefined) return undefined
  const { untilMs, reason } = stored.parse(found.value)
  return untilMs <= nowMs ? undefined : { untilMs, ...(reason === undefined ? {} : { reason }) }
}

/**
 * Stores the silence of a role in place of any other; `untilMs` 0 ends it. Whoever calls this notes it with the
 * presence of the role afterwards: {@link syncSilence}.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 */
export async function writeSilence(
  objects: Pick<StorageObjects, 'put' | 'delete'>,
  rid: string,
  { untilMs, reason }: Silence,
): Promise<void> {
  if (untilMs === 0) {
    await objects.delete(rid, collection, key)
    return
  }
  const value: JsonObject = { untilMs, ...(reason === undefined ? {} : { reason }) }
  await objects.put({ rid, collection, key, value }, 'any')
}

/** How often a silence may change while it is being noted. */
const roundsMax = 5

/**
 * Makes the presence of a role, if it is online, agree with its stored silence. It ends with a read of what it has
 * noted last, so whoever else does the same at the same time, in the end the newest one is noted.
 *
 * @param noted the presence as it is now, if that is known
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 * @example
 * await writeSilence(chat.objects, rid, { untilMs })
 * await syncSilence(chat, rid)
 */
export async function syncSilence(
  { presence, objects, clock, log }: Pick<Chat, 'presence' | 'objects' | 'clock' | 'log'>,
  rid: string,
  noted?: Presence,
): Promise<void> {
  // Without knowing the presence, whatever is stored has to be noted.
  let notedMs = noted?.silencedUntilMs
  for (let round = 0; round <= roundsMax; round += 1) {
    const untilMs = (await readSilence(objects, rid, clock.nowMs()))?.untilMs ?? 0
    if (untilMs === notedMs) return
    if ((await presence.update(rid, { silencedUntilMs: untilMs })) === undefined) return
    notedMs = untilMs
  }
  log.error({ rid }, 'the silence of a role changes faster than it can be noted with its presence')
}
