import { HydraError } from '@hydra/protocol'
import { describe, expect, test } from 'vitest'
import { allianceWorld, type OpenAlliances } from '../test-support/alliance-world.ts'
import type { AllianceChange, AllianceRole } from './alliances.ts'

/** What changes of alliances do on every database. */
export function allianceChangesContract(open: OpenAlliances): void {
  const {
    alliances,
    clock,
    newRole,
    found,
    short,
    change,
    join,
    apply,
    disband,
    stateOf,
    membership,
    rids,
    expectSound,
    expectNoOrphans,
  } = allianceWorld(open)

  describe('change', () => {
    test('decides on what there is', async () => {
      const draft = await found()
      const [member, applicant, stranger, elsewhere] = [newRole(), newRole(), newRole(), newRole()]
      await join(draft.allianceId, member)
      await join((await found()).allianceId, elsewhere)
      const by = short(draft.founder)
      await change(draft.allianceId, [applicant.rid], {
        addRequest: { kind: 'invitation', rid: applicant.rid, by, role: applicant },
      })
      clock.advance(1)
      await apply(draft.allianceId, applicant)
      await apply(draft.allianceId, newRole())
      const all = [applicant, member, stranger, elsewhere].map(({ rid }) => rid)
      const state = await stateOf(draft.allianceId, all)
      expect(state.alliance).toEqual(await alliances.find(draft.allianceId))
      const [ofMember, ofElsewhere] = await alliances.memberships([member.rid, elsewhere.rid])
      expect(state.memberships).toEqual(
        new Map([
          [member.rid, ofMember],
          [elsewhere.rid, ofElsewhere],
        ]),
      )
      const common = { allianceId: draft.allianceId, rid: applicant.rid }
      expect(state.requests).toEqual([
        { ...common, kind: 'invitation', atMs: clock.nowMs() - 1, by },
        { ...common, kind: 'application', atMs: clock.nowMs() },
      ])
      expect(state.requestCounts).toEqual({ application: 2, invitation: 1 })
      expect((await stateOf(draft.allianceId, [])).requests).toEqual([])
    })

    test('one that is not there is not found', async () => {
      await expect(change('a-none', ['r-none'], {})).rejects.toMatchObject({
        code: 'ALLIANCE_NOT_FOUND',
        metadata: { allianceId: 'a-none' },
      })
    })

    test('what the decision throws comes out as it is, and nothing is changed', async () => {
      const { allianceId } = await found()
      const role = newRole()
      const before = await alliances.roster(allianceId)
      for (const thrown of [new HydraError('ALLIANCE_FULL', 'full'), new TypeError('a mistake'), 'text']) {
        const changing = alliances.change(allianceId, [role.rid], () => {
          throw thrown
        })
        await expect(changing).rejects.toBe(thrown)
      }
      expect(await alliances.change(allianceId, [role.rid], () => undefined)).toBeUndefined()
      expect(await alliances.roster(allianceId)).toEqual(before)
      expect(await alliances.updateRole(role)).toBeUndefined()
    })

    test('answers the alliance afterwards, who left, and what was logged', async () => {
      const { allianceId, founder } = await found()
      const [one, two] = [newRole(), newRole()]
      await join(allianceId, one)
      clock.advance(1)
      const log = {
        kind: 'kicked',
        actor: short(founder),
        target: short(one),
        detail: { text: 'ä"', number: 1.5, flag: true },
      } as const
      const changed = await change(allianceId, [founder.rid, one.rid, two.rid], {
        set: { level: 2, notice: 'N', description: 'D', policy: 'open', minLevel: 9, leaderRid: two.rid },
        leave: [one.rid],
        join: [{ ...two, rank: 'leader' }],
        ranks: [{ rid: founder.rid, rank: 'officer' }],
        log,
      })
      const roster = await expectSound(allianceId)
      const event = { seq: 3, atMs: clock.nowMs(), ...log }
      expect(changed).toEqual({ ...roster, left: [one.rid], event })
      expect(changed?.alliance).toMatchObject({
        level: 2,
        notice: 'N',
        description: 'D',
        policy: 'open',
        minLevel: 9,
        leaderRid: two.rid,
        memberCount: 2,
        version: 3,
      })
      expect(changed?.members).toMatchObject([
        { ...two, rank: 'leader', joinedAtMs: clock.nowMs() },
        { ...founder, rank: 'officer' },
      ])
      expect(await membership(one)).toBeUndefined()
      expect(await alliances.log(allianceId, { limit: 1 })).toEqual([event])
    })

    test('members are in order of rank, and of joining', async () => {
      const { allianceId, founder } = await found()
      const roles = Array.from({ length: 5 }, () => newRole()).toReversed()
      for (const role of roles) {
        clock.advance(1)
        await join(allianceId, role)
      }
      const [first, second, third, ...rest] = rids(roles) ?? []
      const officers = [third, second].flatMap((rid) => rid ?? [])
      const changed = await change(allianceId, officers, {
        ranks: officers.map((rid) => ({ rid, rank: 'officer' })),
      })
      expect(rids(changed?.members)).toEqual([founder.rid, second, third, first, ...rest])
      await expectSound(allianceId)
    })

    test('a request that is there already stays as it is, and those that end are gone', async () => {
      const { allianceId, founder } = await found()
      const role = newRole()
      const invite = (by: AllianceRole) =>
        change(allianceId, [role.rid], {
          addRequest: { kind: 'invitation', rid: role.rid, by: short(by), role },
        })
      await invite(founder)
      const first = await alliances.requestsWith(role.rid)
      clock.advance(1)
      await invite(newRole())
      expect(await alliances.requestsWith(role.rid)).toEqual(first)
      await apply(allianceId, role)
      await change(allianceId, [role.rid], { endRequests: [{ kind: 'invitation', rid: role.rid }] })
      expect((await alliances.requestsWith(role.rid)).map(({ kind }) => kind)).toEqual(['application'])
      await change(allianceId, [role.rid], { endRequests: [{ kind: 'invitation', rid: role.rid }] })
      expect((await alliances.find(allianceId))?.version).toBe(6)
    })

    test('who joins has no requests with any alliance any more', async () => {
      const [one, two, three] = [await found(), await found(), await found()]
      const [role, other] = [newRole(), newRole()]
      for (const { allianceId } of [one, two, three]) {
        await apply(allianceId, role)
        await apply(allianceId, other)
      }
      await join(two.allianceId, role)
      expect(await alliances.requestsWith(role.rid)).toEqual([])
      expect(await alliances.requestsWith(other.rid)).toHaveLength(3)
      expect((await stateOf(one.allianceId, [])).requestCounts).toEqual({ application: 1, invitation: 0 })
    })

    test('a disbanded alliance leaves nothing behind, and its name and tag are free at once', async () => {
      const draft = await found()
      const [member, applicant] = [newRole(), newRole()]
      await join(draft.allianceId, member)
      await apply(draft.allianceId, applicant)
      const before = await alliances.roster(draft.allianceId)
      const changed = await disband(draft.allianceId)
      expect(changed).toEqual({
        alliance: before?.alliance,
        members: [],
        left: expect.toSatisfy(
          (left: string[]) => left.toSorted().join() === [draft.founder.rid, member.rid].toSorted().join(),
        ),
        event: { seq: 3, atMs: clock.nowMs(), kind: 'disbanded' },
      })
      await expectNoOrphans()
      expect(await alliances.find(draft.allianceId)).toBeUndefined()
      expect(await alliances.roster(draft.allianceId)).toBeUndefined()
      expect(await alliances.log(draft.allianceId, { limit: 10 })).toEqual([])
      expect(await alliances.requestsWith(applicant.rid)).toEqual([])
      expect(await alliances.memberships([draft.founder.rid, member.rid])).toEqual([undefined, undefined])
      await expect(disband(draft.allianceId)).rejects.toMatchObject({ code: 'ALLIANCE_NOT_FOUND' })
      const { allianceId } = await found({ name: draft.name, tag: draft.tag, founder: draft.founder })
      await join(allianceId, member)
      await expectSound(allianceId)
    })

    test('what no rule should ask for is refused whole', async () => {
      const [one, two] = [await found(), await found()]
      const role = newRole()
      const [leader, foreign] = [one.founder.rid, two.founder.rid]
      const member = { ...role, rank: 'member' as const }
      const request = { kind: 'application' as const, rid: role.rid, role }
      const before = await alliances.roster(one.allianceId)
      const wrong: readonly (readonly [readonly string[], AllianceChange, string])[] = [
        [[], { join: [member] }, 'INTERNAL'],
        [[role.rid], { join: [member, member] }, 'INTERNAL'],
        [[role.rid], { join: [{ ...member, uid: '' }] }, 'INTERNAL'],
        [[foreign], { join: [{ ...two.founder, rank: 'member' }] }, 'ALREADY_IN_ALLIANCE'],
        [[leader], { join: [{ ...one.founder, rank: 'member' }] }, 'ALREADY_IN_ALLIANCE'],
        [[role.rid], { leave: [role.rid] }, 'INTERNAL'],
        [[foreign], { leave: [foreign] }, 'INTERNAL'],
        [[], { leave: [leader] }, 'INTERNAL'],
        [[foreign], { ranks: [{ rid: foreign, rank: 'officer' }] }, 'INTERNAL'],
        [[], { endRequests: [{ kind: 'application', rid: role.rid }] }, 'INTERNAL'],
        [[], { addRequest: request }, 'INTERNAL'],
        [[role.rid], { addRequest: { ...request, role: newRole() } }, 'INTERNAL'],
        [[role.rid], { addRequest: request, join: [member] }, 'ALREADY_IN_ALLIANCE'],
        [[foreign], { addRequest: { ...request, rid: foreign, role: two.founder } }, 'ALREADY_IN_ALLIANCE'],
      ]
      for (const [locked, what, code] of wrong) {
        await expect(change(one.allianceId, locked, what)).rejects.toMatchObject({ code })
      }
      expect(await alliances.roster(one.allianceId)).toEqual(before)
      const tooMany = Array.from({ length: 11 }, (_, index) => `r-${index}`)
      await expect(change(one.allianceId, tooMany, {})).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    })
  })
}
