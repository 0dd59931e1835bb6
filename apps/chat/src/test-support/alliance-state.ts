import type { AllianceMembership, AllianceRole, AllianceState, StoredRequest } from '@hydra/persistence'
import type { AllianceRank } from '@hydra/protocol'

/** A role for tests of rules. */
export const testRole = (rid: string, level = 1): AllianceRole => ({
  rid,
  uid: `uid-${rid}`,
  name: rid.toUpperCase(),
  level,
})

/** What {@link testState} is made of. */
export interface TestStateOptions {
  readonly alliance?: Partial<AllianceState['alliance']>
  readonly members?: Readonly<Record<string, AllianceRank>>
  /** Roles that are members of another alliance. */
  readonly elsewhere?: readonly string[]
  readonly applications?: readonly string[]
  readonly invitations?: readonly string[]
  /** Those of roles that were not asked for included. */
  readonly requestCounts?: Partial<AllianceState['requestCounts']>
}

/** The state of an alliance `a1`, led by `lea` unless members are given, for tests of rules. */
export function testState(options: TestStateOptions = {}): AllianceState {
  const { members = { lea: 'leader' }, elsewhere = [], applications = [], invitations = [] } = options
  const membership = (rid: string, allianceId: string, rank: AllianceRank): AllianceMembership => ({
    ...testRole(rid),
    allianceId,
    rank,
    joinedAtMs: 1,
  })
  const request = (kind: StoredRequest['kind']) => (rid: string) => ({ kind, allianceId: 'a1', rid, atMs: 1 })
  return {
    alliance: {
      allianceId: 'a1',
      name: 'Alphas',
      tag: 'A',
      level: 1,
      notice: '',
      description: '',
      policy: 'apply',
      minLevel: 1,
      leaderRid: Object.keys(members).find((rid) => members[rid] === 'leader') ?? '',
      memberCount: Object.keys(members).length,
      createdAtMs: 1,
      version: 1,
      ...options.alliance,
    },
    memberships: new Map([
      ...Object.entries(members).map(([rid, rank]) => [rid, membership(rid, 'a1', rank)] as const),
      ...elsewhere.map((rid) => [rid, membership(rid, 'a2', 'member')] as const),
    ]),
    requests: [...applications.map(request('application')), ...invitations.map(request('invitation'))],
    requestCounts: {
      application: applications.length,
      invitation: invitations.length,
      ...options.requestCounts,
    },
  }
}
