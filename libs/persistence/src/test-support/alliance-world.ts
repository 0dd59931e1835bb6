import { HydraError } from '@hydra/protocol'
import { ManualClock } from '@hydra/runtime'
import { beforeAll, expect } from 'vitest'
import type { Database } from '../database/database.ts'
import { sqlOf } from '../database/sql.ts'
import type {
  AllianceChange,
  AllianceDraft,
  AllianceRole,
  Alliances,
  AllianceState,
} from '../repositories/alliances.ts'
import { createAlliances } from '../repositories/sql-alliances.ts'

/** Answers what opens one more connection, or pool, to one empty database. */
export type OpenAlliances = () => Promise<() => Database>

const servers = 3
/** Entries of its log that each alliance keeps. */
const logMax = 5

/** Codes of what was refused. */
export const codes = (tries: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  tries.flatMap((result) => (result.status === 'rejected' ? [HydraError.from(result.reason).code] : []))
/** Codes of what was refused with another code than the one that is allowed. */
export const codesBut = (
  allowed: string,
  tries: readonly PromiseSettledResult<unknown>[],
): readonly unknown[] => codes(tries).filter((code) => code !== allowed)
/** One code several times. */
export const times = (count: number, code: string) => Array.from({ length: count }, () => code)

/**
 * Alliances of one database, opened before the tests, as several servers have them; and what tests of them do over and
 * over.
 */
export function allianceWorld(open: OpenAlliances) {
  const clock = new ManualClock()
  let connections: readonly Alliances[] = []
  let made = 0
  let inspected: Database
  beforeAll(async () => {
    const connect = await open()
    inspected = connect()
    connections = Array.from({ length: servers }, () => createAlliances(connect(), { clock, logMax }))
  })

  /** One of the servers, each with connections of its own. */
  const server = (index: number): Alliances => {
    const found = connections[index % servers]
    if (found === undefined) throw new TypeError('the database is not open yet')
    return found
  }
  /** The first server, from when the database is open. */
  const alliances = new Proxy({} as Alliances, { get: (_, call) => Reflect.get(server(0), call) })
  const newId = () => `id-${++made}`
  const many = <T>(count: number, work: (on: Alliances, index: number) => Promise<T>) =>
    Promise.allSettled(Array.from({ length: count }, (_, index) => work(server(index), index)))

  const newRole = (level = 7): AllianceRole => {
    const rid = `r-${String(++made).padStart(6, '0')}`
    return { rid, uid: `u-${rid}`, name: `Name of ${rid}`, level }
  }
  const newDraft = (draft: Partial<AllianceDraft> = {}): AllianceDraft => {
    const number = ++made
    return {
      allianceId: `a-${number}`,
      name: `Guild ${number}`,
      tag: `t${number}`,
      description: 'We ♥ "quotes" and \\ 🎲\nand lines.',
      policy: 'apply',
      minLevel: 3,
      founder: newRole(),
      ...draft,
    }
  }
  const found = async (draft: Partial<AllianceDraft> = {}) => {
    const full = newDraft(draft)
    await alliances.create(full)
    return full
  }
  const asMember = (role: AllianceRole) => Object.assign({ rank: 'member' as const }, role)
  const short = ({ rid, name }: AllianceRole) => ({ rid, name })
  /** Changes without looking. */
  const change = (allianceId: string, rids: readonly string[], what: AllianceChange, on = alliances) =>
    on.change(allianceId, rids, () => what)
  const join = (allianceId: string, role: AllianceRole, on = alliances) =>
    change(
      allianceId,
      [role.rid],
      { join: [{ ...role, rank: 'member' }], log: { kind: 'joined', actor: short(role) } },
      on,
    )
  const apply = (allianceId: string, role: AllianceRole, on = alliances) =>
    on.change(allianceId, [role.rid], ({ memberships }) => {
      if (memberships.has(role.rid)) throw new HydraError('ALREADY_IN_ALLIANCE', 'no')
      return { addRequest: { kind: 'application', rid: role.rid, role } }
    })
  const disband = (allianceId: string, on = alliances) =>
    change(allianceId, [], { disband: true, log: { kind: 'disbanded' } }, on)
  const stateOf = async (allianceId: string, rids: readonly string[]): Promise<AllianceState> => {
    let seen: AllianceState | undefined
    await alliances.change(allianceId, rids, (state) => {
      seen = state
      return undefined
    })
    if (seen === undefined) throw new TypeError('not decided')
    return seen
  }
  const membership = async ({ rid }: AllianceRole) => (await alliances.memberships([rid]))[0]
  const rids = (members: readonly AllianceRole[] | undefined) => members?.map(({ rid }) => rid)
  /** What must hold of an alliance at any time. */
  const expectSound = async (allianceId: string) => {
    const roster = await alliances.roster(allianceId)
    if (roster === undefined) throw new TypeError(`no alliance ${allianceId}`)
    const { alliance, members } = roster
    expect(await alliances.find(allianceId)).toEqual(alliance)
    expect(alliance.memberCount).toBe(members.length)
    expect(await alliances.memberships(members.map(({ rid }) => rid))).toEqual(members)
    const open = await Promise.all(members.map(({ rid }) => alliances.requestsWith(rid)))
    expect(open.flat()).toEqual([])
    return roster
  }
  /** Nothing is stored about alliances that are no more; lists would not show it, because they join both sides. */
  const expectNoOrphans = async () => {
    const { db } = sqlOf(inspected)
    const living = db.selectFrom('alliances').select('alliance_id')
    for (const table of ['alliance_requests', 'alliance_log', 'alliance_roles'] as const) {
      const orphans = db.selectFrom(table).selectAll().where('alliance_id', 'not in', living)
      expect([table, await orphans.execute()]).toEqual([table, []])
    }
  }
  return {
    expectNoOrphans,
    alliances,
    clock,
    server,
    many,
    newId,
    newRole,
    newDraft,
    found,
    asMember,
    short,
    change,
    join,
    apply,
    disband,
    stateOf,
    membership,
    rids,
    expectSound,
  }
}
