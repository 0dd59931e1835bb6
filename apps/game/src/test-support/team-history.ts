import type { StoredTeam } from '@hydra/persistence'
import type { TeamView } from '@hydra/protocol'
import { expect } from 'vitest'

interface Settings {
  readonly membersMax: number
  readonly requestsMax: number
}

/** A version of a team as the store has taken it. */
export interface Noted {
  readonly stored: StoredTeam
  readonly atMs: number
}

// Not by the code under test, which reads the stored JSON with its schema: what is compared here must not pass through it.

/** A team as its data has it. */
export const viewOf = ({ teamId, version, data }: StoredTeam): TeamView => ({
  ...(data as unknown as TeamView),
  teamId,
  version,
})

type Data = Omit<TeamView, 'teamId' | 'version'> & { readonly reason: string; readonly rid?: string }
const dataOf = ({ stored }: Noted): Data => stored.data as unknown as Data
const ridsOf = (list: readonly { readonly rid: string }[]): readonly string[] => list.map(({ rid }) => rid)

/**
 * Compares two versions of a team that follow each other with what may happen to one, said once more and in another way
 * than by the rules.
 */
export function checkStep(before: Noted | undefined, after: Noted, settings: Settings): void {
  const next = dataOf(after)
  const { rids, version } = after.stored
  expect(rids).toEqual(ridsOf(next.members))
  expect(new Set(rids).size).toBe(rids.length)
  expect(rids.length).toBeLessThanOrEqual(settings.membersMax)
  expect(next.applications.length).toBeLessThanOrEqual(settings.requestsMax)
  expect(next.invitations.length).toBeLessThanOrEqual(settings.requestsMax)
  if (rids.length > 0) expect(rids).toContain(next.leaderRid)
  else expect([...next.applications, ...next.invitations]).toEqual([])
  for (const { rid } of [...next.applications, ...next.invitations]) expect(rids).not.toContain(rid)
  if (before === undefined) {
    expect([version, next.reason, rids]).toEqual([1, 'created', [next.rid]])
    return
  }
  const known = dataOf(before)
  const former = before.stored.rids
  expect(version).toBe(before.stored.version + 1)
  // Nothing follows the end of a team.
  expect(former.length).toBeGreaterThan(0)
  const came = rids.filter((rid) => !former.includes(rid))
  const went = former.filter((rid) => !rids.includes(rid))
  // Who stays, stays in order and as it is.
  expect(rids.filter((rid) => former.includes(rid))).toEqual(former.filter((rid) => rids.includes(rid)))
  const others = (list: Data['members']) => list.filter(({ rid }) => rid !== next.rid && former.includes(rid))
  expect(others(next.members)).toEqual(others(known.members).filter(({ rid }) => !went.includes(rid)))
  const open = [...known.applications, ...known.invitations].filter(
    ({ expiresAtMs }) => expiresAtMs > after.atMs,
  )
  const heir = went.includes(known.leaderRid) ? rids[0] : known.leaderRid
  switch (next.reason) {
    case 'joined':
      expect([came, went, next.leaderRid]).toEqual([[next.rid], [], known.leaderRid])
      expect(ridsOf(open)).toContain(next.rid)
      break
    case 'left':
    case 'kicked':
      expect([came, went]).toEqual([[], [next.rid]])
      if (next.reason === 'kicked') expect(next.rid).not.toBe(known.leaderRid)
      if (rids.length > 0) expect(next.leaderRid).toBe(heir)
      break
    case 'lost':
      expect(came).toEqual([])
      expect(went.length).toBeGreaterThan(0)
      if (rids.length > 0) expect(next.leaderRid).toBe(heir)
      break
    case 'disbanded':
      expect([came, rids, next.rid]).toEqual([[], [], known.leaderRid])
      break
    case 'handedOver':
      expect([came, went, next.leaderRid]).toEqual([[], [], next.rid])
      expect(next.rid).not.toBe(known.leaderRid)
      break
    default:
      expect(['requests', 'renamed']).toContain(next.reason)
      expect([came, went, next.leaderRid]).toEqual([[], [], known.leaderRid])
  }
}
