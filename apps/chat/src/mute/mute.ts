import { HydraError, limits } from '@hydra/protocol'

/**
 * The muted roles with one more; the same array when it is among them.
 *
 * @throws HydraError `MUTE_LIMIT_REACHED`.
 */
export function withMuted(rids: readonly string[], rid: string): readonly string[] {
  if (rids.includes(rid)) return rids
  if (rids.length >= limits.mutedRolesMax) {
    throw new HydraError(
      'MUTE_LIMIT_REACHED',
      `A role may mute ${limits.mutedRolesMax} others; unmute some first.`,
      { metadata: { mutedMax: limits.mutedRolesMax } },
    )
  }
  return [...rids, rid]
}

/** The muted roles without one; the same array when it is not among them. */
export function withoutMuted(rids: readonly string[], rid: string): readonly string[] {
  return rids.includes(rid) ? rids.filter((each) => each !== rid) : rids
}
