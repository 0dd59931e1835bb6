import type { StorageObjects } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { z } from 'zod'
import { withMuted, withoutMuted } from './mute.ts'

const collection = 'chat'
const key = 'muted'
const stored = z.object({ rids: z.array(z.string()) })
/** How often a change that met another one is tried again. */
const triesMax = 5

/** Whom a role has muted. @throws HydraError `STORAGE_UNAVAILABLE`. */
export async function mutedRoles(
  objects: Pick<StorageObjects, 'get'>,
  rid: string,
): Promise<readonly string[]> {
  const found = await objects.get(rid, collection, key)
  return found === undefined ? [] : stored.parse(found.value).rids
}

/** Whether a role has muted another one. */
export async function isMutedBy(
  objects: Pick<StorageObjects, 'get'>,
  rid: string,
  other: string,
): Promise<boolean> {
  return (await mutedRoles(objects, rid)).includes(other)
}

/**
 * Mutes a role, or unmutes it; answers all who are muted then. Muting from several devices at once loses nothing: a
 * change is made only upon what it was decided on.
 *
 * @throws HydraError `MUTE_LIMIT_REACHED`, `STORAGE_UNAVAILABLE`, `VERSION_CONFLICT` when others keep changing it.
 */
export async function changeMuted(
  objects: Pick<StorageObjects, 'get' | 'put'>,
  rid: string,
  other: string,
  muted: boolean,
): Promise<readonly string[]> {
  for (let tries = 1; ; tries++) {
    const found = await objects.get(rid, collection, key)
    const before = found === undefined ? [] : stored.parse(found.value).rids
    const rids = muted ? withMuted(before, other) : withoutMuted(before, other)
    if (rids === before) return before
    try {
      await objects.put({ rid, collection, key, value: { rids: [...rids] } }, found?.version ?? 'absent')
      return rids
    } catch (error) {
      if (!HydraError.hasCode(error, 'VERSION_CONFLICT') || tries >= triesMax) throw error
    }
  }
}
