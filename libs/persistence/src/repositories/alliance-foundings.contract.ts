import { describe, expect, test } from 'vitest'
import { allianceWorld, codes, times, type OpenAlliances } from '../test-support/alliance-world.ts'
import type { AllianceChanged } from './alliances.ts'

/** What foundings do on every database. */
export function allianceFoundingsContract(open: OpenAlliances): void {
  const {
    alliances,
    clock,
    server,
    many,
    newId,
    newRole,
    newDraft,
    found,
    short,
    join,
    apply,
    disband,
    expectSound,
  } = allianceWorld(open)

  describe('create', () => {
    test('an alliance comes back as it was founded, led by its founder', async () => {
      clock.advance(1)
      const draft = newDraft()
      const { founder, ...settings } = draft
      const changed = await alliances.create(draft)
      const nowMs = clock.nowMs()
      expect(changed).toEqual({
        alliance: {
          ...settings,
          level: 1,
          notice: '',
          leaderRid: founder.rid,
          memberCount: 1,
          createdAtMs: nowMs,
          version: 1,
        },
        members: [{ ...founder, allianceId: draft.allianceId, rank: 'leader', joinedAtMs: nowMs }],
        left: [],
        event: { seq: 1, atMs: nowMs, kind: 'founded', actor: short(founder) },
      } satisfies AllianceChanged)
      expect(await alliances.roster(draft.allianceId)).toEqual({
        alliance: changed.alliance,
        members: changed.members,
      })
      expect(await alliances.log(draft.allianceId, { limit: 10 })).toEqual([changed.event])
      await expectSound(draft.allianceId)
    })

    test('the same founding again changes nothing, whatever happened since', async () => {
      const draft = await found()
      const role = newRole()
      await join(draft.allianceId, role)
      const roster = await alliances.roster(draft.allianceId)
      const again = await alliances.create(draft)
      expect(again).toEqual({ ...roster, left: [] })
      expect(await alliances.roster(draft.allianceId)).toEqual(roster)
      expect(await alliances.log(draft.allianceId, { limit: 10 })).toHaveLength(2)
    })

    test('names and tags are compared without regard to case and compatibility forms', async () => {
      const { name, tag } = await found({ name: 'Straße Ａ', tag: 'Ｘy' })
      await expect(alliances.create(newDraft({ name: 'STRAßE a', tag }))).rejects.toMatchObject({
        code: 'ALLIANCE_NAME_TAKEN',
        metadata: { name: 'STRAßE a' },
      })
      await expect(alliances.create(newDraft({ tag: 'xY' }))).rejects.toMatchObject({
        code: 'ALLIANCE_TAG_TAKEN',
        metadata: { tag: 'xY' },
      })
      await found({ name: `${name}b`, tag: `${tag}b` })
    })

    test('a name is no tag', async () => {
      await found({ name: 'both', tag: 'other' })
      await found({ name: 'other', tag: 'both' })
    })

    test('the longest names have keys that fit', async () => {
      const name = '\uFDFA'.repeat(20)
      const tag = '\uFDFA'.repeat(5)
      const draft = await found({ name, tag })
      await expect(alliances.create(newDraft({ name }))).rejects.toMatchObject({
        code: 'ALLIANCE_NAME_TAKEN',
      })
      expect(await alliances.find(draft.allianceId)).toMatchObject({ name, tag })
    })

    test('a member founds nothing, and what was refused leaves nothing behind', async () => {
      const { founder } = await found()
      const draft = newDraft({ founder })
      await expect(alliances.create(draft)).rejects.toMatchObject({
        code: 'ALREADY_IN_ALLIANCE',
        metadata: { rid: founder.rid },
      })
      expect(await alliances.find(draft.allianceId)).toBeUndefined()
      expect(await alliances.log(draft.allianceId, { limit: 10 })).toEqual([])
      await alliances.create({ ...draft, founder: newRole() })
    })

    test('the founder has no requests any more', async () => {
      const { allianceId } = await found()
      const founder = newRole()
      await apply(allianceId, founder)
      expect(await alliances.requestsWith(founder.rid)).toHaveLength(1)
      await found({ founder })
      expect(await alliances.requestsWith(founder.rid)).toEqual([])
    })

    test.each([
      ['name', 'ALLIANCE_NAME_TAKEN'],
      ['tag', 'ALLIANCE_TAG_TAKEN'],
    ] as const)('of many that want one %s at once exactly one gets it', async (field, code) => {
      for (let round = 0; round < 5; round++) {
        const value = newId()
        const tries = await many(9, (on, index) =>
          on.create(newDraft({ [field]: index % 2 === 0 ? value : value.toUpperCase() })),
        )
        expect(codes(tries)).toEqual(times(8, code))
      }
    })

    test('of many foundings of one role at once exactly one takes place', async () => {
      for (let round = 0; round < 5; round++) {
        const founder = newRole()
        const drafts = Array.from({ length: 9 }, () => newDraft({ founder }))
        const tries = await Promise.allSettled(drafts.map((draft, index) => server(index).create(draft)))
        expect(codes(tries)).toEqual(times(8, 'ALREADY_IN_ALLIANCE'))
        const all = await Promise.all(drafts.map(({ allianceId }) => alliances.find(allianceId)))
        expect(all.filter((alliance) => alliance !== undefined)).toHaveLength(1)
      }
    })

    test('one founding that is asked for many times at once takes place once', async () => {
      const draft = newDraft()
      const tries = await many(9, (on) => on.create(draft))
      expect(codes(tries)).toEqual([])
      const events = tries.flatMap((result) =>
        result.status === 'fulfilled' ? (result.value.event ?? []) : [],
      )
      expect(events).toHaveLength(1)
      expect((await expectSound(draft.allianceId)).alliance.version).toBe(1)
      expect(await alliances.log(draft.allianceId, { limit: 10 })).toEqual(events)
    })
  })

  describe('voidFounding', () => {
    test('what was not founded never will be', async () => {
      const draft = newDraft()
      expect(await alliances.voidFounding(draft.allianceId)).toEqual({ founded: false })
      expect(await alliances.voidFounding(draft.allianceId)).toEqual({ founded: false })
      await expect(alliances.create(draft)).rejects.toMatchObject({ code: 'ALLIANCE_NOT_FOUND' })
      expect(await alliances.find(draft.allianceId)).toBeUndefined()
      await alliances.create({ ...draft, allianceId: newId() })
    })

    test('what was founded stays so, even when it was disbanded', async () => {
      const draft = await found()
      expect(await alliances.voidFounding(draft.allianceId)).toEqual({ founded: true })
      await expectSound(draft.allianceId)
      await disband(draft.allianceId)
      expect(await alliances.voidFounding(draft.allianceId)).toEqual({ founded: true })
      await expect(alliances.create(draft)).rejects.toMatchObject({ code: 'ALLIANCE_NOT_FOUND' })
      expect(await alliances.voidFounding(draft.allianceId)).toEqual({ founded: true })
    })

    test('a founding that was refused can be tried again until it is void', async () => {
      const taken = await found()
      const draft = newDraft({ name: taken.name })
      await expect(alliances.create(draft)).rejects.toMatchObject({ code: 'ALLIANCE_NAME_TAKEN' })
      await disband(taken.allianceId)
      await alliances.create(draft)
      expect(await alliances.voidFounding(draft.allianceId)).toEqual({ founded: true })
    })

    test('beside a founding, both agree on what has happened', async () => {
      for (let round = 0; round < 40; round++) {
        const draft = newDraft()
        const create = () => server(1).create(draft)
        const voidIt = () => server(2).voidFounding(draft.allianceId)
        const creating = round % 2 === 0 ? create() : undefined
        const voiding = voidIt()
        const [created, voided] = await Promise.allSettled([creating ?? create(), voiding])
        const founded = (await alliances.find(draft.allianceId)) !== undefined
        expect(codes([created])).toEqual(founded ? [] : ['ALLIANCE_NOT_FOUND'])
        expect(voided).toEqual({ status: 'fulfilled', value: { founded } })
      }
    })

    test('old ones are forgotten, but not alliances that are still there', async () => {
      const [draft, gone] = [await found(), newDraft()]
      await alliances.voidFounding(gone.allianceId)
      clock.advance(31 * 86_400_000)
      await alliances.voidFounding(newId())
      expect(await alliances.voidFounding(draft.allianceId)).toEqual({ founded: true })
      await alliances.create(gone)
      const again = await alliances.create(draft)
      expect(again.event).toBeUndefined()
      clock.advance(31 * 86_400_000)
      await alliances.voidFounding(newId())
      expect(await alliances.create(draft)).toEqual(again)
      await disband(draft.allianceId)
      await expect(alliances.create(draft)).rejects.toMatchObject({ code: 'ALLIANCE_NOT_FOUND' })
    })
  })
}
