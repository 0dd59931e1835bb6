import type { Clock } from '@hydra/runtime'
import { chatTeamLimits, type ChatTeams } from './chat-teams.ts'

interface Team {
  readonly version: number
  readonly rids: readonly string[]
  /** Who has left since the last change that was settled. */
  readonly left: readonly string[]
  readonly atMs: number
}

/** Teams in the memory of this process. */
export function createMemoryChatTeams({ clock }: { readonly clock: Clock }): ChatTeams {
  // In the order of their last changes, so that those to be forgotten come first.
  const teams = new Map<string, Team>()
  const teamOf = new Map<string, string>()

  const forgetOld = (): void => {
    for (const [teamId, { rids, atMs }] of teams) {
      if (clock.nowMs() - atMs < chatTeamLimits.keepMs) return
      teams.delete(teamId)
      for (const rid of rids) if (teamOf.get(rid) === teamId) teamOf.delete(rid)
    }
  }

  return {
    async replace(teamId, version, given) {
      forgetOld()
      const rids = [...new Set(given)]
      const known = teams.get(teamId)
      if (known !== undefined && version <= known.version)
        return version === known.version && isSame(rids, known.rids)
          ? { joined: rids, left: known.left }
          : undefined
      const before = (known?.rids ?? []).filter((rid) => teamOf.get(rid) === teamId)
      const gone = before.filter((rid) => !rids.includes(rid))
      const left = [...new Set([...(known?.left ?? []), ...gone])]
        .filter((rid) => !rids.includes(rid))
        .slice(-chatTeamLimits.leftMax)
      for (const rid of gone) teamOf.delete(rid)
      for (const rid of rids) teamOf.set(rid, teamId)
      teams.delete(teamId)
      // One without members is kept for its version: an older change may still be on its way.
      teams.set(teamId, { version, rids, left, atMs: clock.nowMs() })
      return { joined: rids.filter((rid) => !before.includes(rid)), left }
    },
    async settled(teamId, version) {
      const known = teams.get(teamId)
      if (known?.version === version) teams.set(teamId, { ...known, left: [] })
    },
    async teamOf(rid) {
      forgetOld()
      return teamOf.get(rid)
    },
  }
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((rid) => others.includes(rid))
