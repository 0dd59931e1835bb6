import type { Clock } from '@hydra/runtime'
import { teamLimits, type FoundTeam, type StoredTeam, type TeamStore } from './teams.ts'

interface Team {
  readonly stored: StoredTeam
  readonly changedAtMs: number
  readonly seenAtMs: Map<string, number>
  /** When it was last changed or seen, by the clock of this store. */
  readonly touchedMs: number
}

/** As Redis orders what is due: of those due at one time, by id. */
const byDue = ([idA, a]: readonly [string, number], [idB, b]: readonly [string, number]): number =>
  a - b || (idA < idB ? -1 : 1)

/** Teams in the memory of this process. */
export function createMemoryTeams({ clock }: { readonly clock: Clock }): TeamStore {
  // In the order in which they were last touched, so that those to be forgotten come first.
  const teams = new Map<string, Team>()
  const teamOf = new Map<string, string>()
  /** When each is due. */
  const untold = new Map<string, number>()

  const forget = (teamId: string): void => {
    for (const rid of teams.get(teamId)?.stored.rids ?? []) teamOf.delete(rid)
    teams.delete(teamId)
    untold.delete(teamId)
  }
  const forgetOld = (): void => {
    for (const [teamId, { touchedMs }] of teams) {
      if (clock.nowMs() - touchedMs < teamLimits.keepMs) return
      forget(teamId)
    }
  }
  const touch = (team: Omit<Team, 'touchedMs'>): void => {
    teams.delete(team.stored.teamId)
    teams.set(team.stored.teamId, { ...team, touchedMs: clock.nowMs() })
  }
  const find = (teamId: string | undefined): FoundTeam | undefined => {
    forgetOld()
    const team = teamId === undefined ? undefined : teams.get(teamId)
    if (team === undefined) return undefined
    const { stored, changedAtMs, seenAtMs } = team
    return { ...stored, changedAtMs, told: !untold.has(stored.teamId), seenAtMs: new Map(seenAtMs) }
  }

  return {
    get: async (teamId) => find(teamId),
    ofRole: async (rid) => {
      forgetOld()
      return find(teamOf.get(rid))
    },
    async put(team, { atMs, tellAgainAtMs }) {
      forgetOld()
      const { teamId, version, rids } = team
      const known = teams.get(teamId)
      if ((known?.stored.version ?? 0) + 1 !== version) return { stored: false, taken: undefined }
      const taken = rids.find((rid) => (teamOf.get(rid) ?? teamId) !== teamId)
      if (taken !== undefined) return { stored: false, taken }
      for (const rid of known?.stored.rids ?? []) teamOf.delete(rid)
      for (const rid of rids) teamOf.set(rid, teamId)
      const seenAtMs = new Map(rids.map((rid) => [rid, known?.seenAtMs.get(rid) ?? atMs]))
      touch({ stored: structuredClone(team), changedAtMs: atMs, seenAtMs })
      untold.set(teamId, tellAgainAtMs)
      return { stored: true }
    },
    async told(teamId, version) {
      forgetOld()
      const known = teams.get(teamId)
      if (known?.stored.version !== version) return
      untold.delete(teamId)
      if (known.stored.rids.length === 0) forget(teamId)
    },
    async untold(atMs, againAtMs, limit) {
      forgetOld()
      const due = [...untold].filter(([, dueMs]) => dueMs <= atMs).sort(byDue)
      const teamIds = due.slice(0, limit).map(([teamId]) => teamId)
      for (const teamId of teamIds) untold.set(teamId, againAtMs)
      return teamIds
    },
    async seen(rids, atMs) {
      forgetOld()
      const found = new Set<Team>()
      for (const rid of rids) {
        const team = teams.get(teamOf.get(rid) ?? '')
        team?.seenAtMs.set(rid, atMs)
        if (team !== undefined) found.add(team)
      }
      for (const team of found) touch(team)
      return [...found].map(({ stored: { teamId }, changedAtMs, seenAtMs }) => ({
        teamId,
        changedAtMs,
        leastSeenAtMs: Math.min(...seenAtMs.values()),
      }))
    },
  }
}
