import { HydraError } from '@hydra/protocol'
import { describe, expect, test } from 'vitest'
import { allianceWorld, codes, codesBut, times, type OpenAlliances } from '../test-support/alliance-world.ts'
import type { AllianceChanged, Alliances } from './alliances.ts'

/** What alliances do when many change them at once, on every database. */
export function allianceRacesContract(open: OpenAlliances): void {
  const {
    alliances,
    server,
    many,
    newRole,
    newId,
    newDraft,
    found,
    asMember,
    short,
    join,
    apply,
    disband,
    stateOf,
    membership,
    rids,
    expectSound,
    expectNoOrphans,
  } = allianceWorld(open)

  describe('many at once', () => {
    test('joins that race for the last places fill them exactly', async () => {
      const capacity = 4
      const { allianceId } = await found()
      const roles = Array.from({ length: 12 }, () => newRole())
      const tries = await many(roles.length, (on, index) => {
        const role = roles[index] ?? newRole()
        return on.change(allianceId, [role.rid], ({ alliance }) => {
          if (alliance.memberCount >= capacity) throw new HydraError('ALLIANCE_FULL', 'full')
          return { join: [{ ...role, rank: 'member' }], log: { kind: 'joined', actor: short(role) } }
        })
      })
      expect(codes(tries)).toEqual(times(9, 'ALLIANCE_FULL'))
      const { alliance, members } = await expectSound(allianceId)
      expect(members).toHaveLength(capacity)
      expect(alliance.version).toBe(capacity)
      const events = await alliances.log(allianceId, { limit: 10 })
      expect(events.map(({ seq }) => seq)).toEqual([4, 3, 2, 1])
    })

    test('of many alliances that take one role exactly one gets it', async () => {
      for (let round = 0; round < 5; round++) {
        const drafts = await Promise.all(Array.from({ length: 6 }, () => found()))
        const role = newRole()
        for (const { allianceId } of drafts) await apply(allianceId, role)
        const tries = await Promise.allSettled(
          drafts.map(({ allianceId, founder }, index) =>
            server(index).change(allianceId, [founder.rid, role.rid], ({ memberships, requests }) => {
              if (memberships.has(role.rid)) throw new HydraError('ALREADY_IN_ALLIANCE', 'no')
              expect(requests).toHaveLength(1)
              return { join: [{ ...role, rank: 'member' }] }
            }),
          ),
        )
        expect(codes(tries)).toEqual(times(5, 'ALREADY_IN_ALLIANCE'))
        expect(await alliances.requestsWith(role.rid)).toEqual([])
        const rosters = await Promise.all(drafts.map(({ allianceId }) => expectSound(allianceId)))
        expect(rosters.filter(({ members }) => rids(members)?.includes(role.rid))).toHaveLength(1)
      }
    })

    test('alliances that exchange roles in any order do not stop each other', async () => {
      const drafts = await Promise.all(Array.from({ length: 3 }, () => found()))
      const roles = Array.from({ length: 4 }, () => newRole())
      const tries = await many(24, (on, index) => {
        const { allianceId } = drafts[index % drafts.length] ?? newDraft()
        const all = index % 2 === 0 ? roles : roles.toReversed()
        return on.change(allianceId, rids(all) ?? [], ({ memberships }) => {
          const mine = all.filter(({ rid }) => memberships.get(rid)?.allianceId === allianceId)
          const free = all.filter(({ rid }) => !memberships.has(rid)).slice(0, 2)
          return {
            leave: mine.map(({ rid }) => rid),
            join: free.map(asMember),
          }
        })
      })
      expect(codes(tries)).toEqual([])
      for (const { allianceId } of drafts) await expectSound(allianceId)
    })

    test('no application of a role is left over when it joins elsewhere meanwhile', async () => {
      const drafts = await Promise.all(Array.from({ length: 5 }, () => found()))
      for (let round = 0; round < 10; round++) {
        const role = newRole()
        const [home, ...others] = drafts.map(({ allianceId }) => allianceId)
        const work = [
          ...others.slice(0, 2).map((id, index) => () => apply(id, role, server(index))),
          () => join(home ?? '', role, server(2)),
          ...others.slice(2).map((id, index) => () => apply(id, role, server(index))),
        ]
        const tries = await Promise.allSettled(work.map((run) => run()))
        expect(codesBut('ALREADY_IN_ALLIANCE', tries)).toEqual([])
        expect(await membership(role)).toMatchObject({ allianceId: home })
        expect(await alliances.requestsWith(role.rid)).toEqual([])
      }
    })

    test('whoever is approved while the alliance is disbanded is in no alliance afterwards', async () => {
      for (let round = 0; round < 20; round++) {
        const { allianceId } = await found()
        const [role, other] = [newRole(), newRole()]
        await apply(allianceId, role)
        await join(allianceId, other)
        const work = [
          () => join(allianceId, role, server(0)),
          () => disband(allianceId, server(1)),
          () => apply(allianceId, newRole(), server(2)),
        ]
        const order = round % 2 === 0 ? work : work.toReversed()
        const tries = await Promise.allSettled(order.map((run) => run()))
        expect(codesBut('ALLIANCE_NOT_FOUND', tries)).toEqual([])
        expect(await alliances.memberships([role.rid, other.rid])).toEqual([undefined, undefined])
        expect(await alliances.requestsWith(role.rid)).toEqual([])
        await expectNoOrphans()
        await join((await found()).allianceId, role)
      }
    })

    test('disbanding beside joins elsewhere of those who had applied', async () => {
      for (let round = 0; round < 5; round++) {
        const [old, home] = [await found(), await found()]
        const roles = Array.from({ length: 8 }, () => newRole())
        for (const role of roles) await apply(old.allianceId, role)
        const joins = roles.map((role, index) => () => join(home.allianceId, role, server(index)))
        const work = [...joins.slice(0, 4), () => disband(old.allianceId, server(1)), ...joins.slice(4)]
        expect(codes(await Promise.allSettled(work.map((run) => run())))).toEqual([])
        expect((await expectSound(home.allianceId)).members).toHaveLength(9)
        await expectNoOrphans()
      }
    })

    test('one name that goes from hand to hand has one owner at a time', async () => {
      const name = newId()
      const tries = await many(12, async (on) => {
        const { allianceId } = await on.create(newDraft({ name })).then(({ alliance }) => alliance)
        await disband(allianceId, on)
      })
      expect(codesBut('ALLIANCE_NAME_TAKEN', tries)).toEqual([])
      expect(tries.some(({ status }) => status === 'fulfilled')).toBe(true)
      await found({ name })
    })
  })

  describe('whatever many do at once', () => {
    test('nobody is in two alliances, no request of a member is left, and all counts are exact', async () => {
      const drafts = Array.from({ length: 4 }, () => newDraft())
      const roles = Array.from({ length: 8 }, () => newRole())
      // Numbers of a fixed sequence (Park and Miller), so that each run does the same.
      let state = 20_260_101
      const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below
      const pick = <T>(from: readonly T[]): T => {
        const picked = from[random(from.length)]
        if (picked === undefined) throw new TypeError('nothing to pick from')
        return picked
      }
      const refuse = () => {
        throw new HydraError('ALLIANCE_FULL', 'refused')
      }
      const act = (on: Alliances): Promise<unknown> => {
        const { allianceId, ...rest } = pick(drafts)
        const [role, other, third] = [pick(roles), pick(roles), pick(roles)]
        const what = random(20)
        if (what === 0) return disband(allianceId, on)
        if (what === 1) return on.create({ allianceId: newId(), ...rest, founder: role })
        if (what <= 3) return on.updateRole({ ...role, name: `Name ${random(9)}` })
        return on.change(allianceId, [role.rid, other.rid, third.rid], ({ memberships, requests }) => {
          if (what === 4) return undefined
          if (what === 5) return refuse()
          const free = [...new Set([role, other, third])].filter(({ rid }) => !memberships.has(rid))
          const mine = [...memberships.values()].filter((found) => found.allianceId === allianceId)
          const [first] = free
          if (what <= 9 && first !== undefined) {
            return { addRequest: { kind: 'application', rid: first.rid, role: first } }
          }
          if (what <= 12) return { endRequests: requests }
          return { join: free.slice(0, 2).map(asMember), leave: rids(mine.slice(1)) ?? [] }
        })
      }
      await Promise.all(drafts.map((draft) => alliances.create(draft)))
      const founded: string[] = drafts.map(({ allianceId }) => allianceId)
      const allowed = new Set<unknown>([
        'ALLIANCE_FULL',
        'ALLIANCE_NOT_FOUND',
        'ALREADY_IN_ALLIANCE',
        'ALLIANCE_NAME_TAKEN',
      ])
      for (let round = 0; round < 12; round++) {
        const tries = await many(16, (on) => act(on))
        expect(codes(tries).filter((code) => !allowed.has(code))).toEqual([])
        for (const result of tries) {
          if (result.status !== 'fulfilled') continue
          const { alliance } = (result.value ?? {}) as Partial<AllianceChanged>
          if (alliance !== undefined && !founded.includes(alliance.allianceId))
            founded.push(alliance.allianceId)
        }
        const everybody = (await alliances.memberships(rids(roles) ?? [])).flatMap((found) => found ?? [])
        let seen = 0
        for (const allianceId of founded) {
          if ((await alliances.find(allianceId)) === undefined) continue
          const { members } = await expectSound(allianceId)
          seen += everybody.filter((found) => found.allianceId === allianceId).length
          const here = everybody.filter((found) => found.allianceId === allianceId)
          expect(
            rids(members)
              ?.filter((rid) => roles.some((role) => role.rid === rid))
              .toSorted(),
          ).toEqual(rids(here)?.toSorted())
          const { requests } = await alliances.requestsOf(allianceId, 'application', { limit: 50 })
          expect((await stateOf(allianceId, [])).requestCounts.application).toBe(requests.length)
        }
        expect(seen).toBe(everybody.length)
        const open = await Promise.all(everybody.map(({ rid }) => alliances.requestsWith(rid)))
        expect(open.flat()).toEqual([])
        await expectNoOrphans()
        // What was disbanded comes again, so that there is always something to change.
        for (const [index, draft] of drafts.entries()) {
          if ((await alliances.find(draft.allianceId)) !== undefined) continue
          const next = newDraft()
          drafts[index] = next
          founded.push(next.allianceId)
          await alliances.create(next)
        }
      }
    })
  })
}
