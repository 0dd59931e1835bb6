import { describe, expect, test } from 'vitest'
import { allianceWorld, codes, type OpenAlliances } from '../test-support/alliance-world.ts'
import type { AllianceChange } from './alliances.ts'

/** How alliances are read on every database. */
export function allianceListsContract(open: OpenAlliances): void {
  const {
    alliances,
    clock,
    server,
    newRole,
    found,
    short,
    change,
    join,
    apply,
    disband,
    membership,
    expectSound,
  } = allianceWorld(open)

  describe('reading', () => {
    test('memberships are in the order of the roles, whoever is a member', async () => {
      const { allianceId, founder } = await found()
      const member = newRole()
      await join(allianceId, member)
      const asked = [member.rid, 'r-none', founder.rid, member.rid]
      const answered = await alliances.memberships(asked)
      expect(answered.map((found) => found?.rank)).toEqual(['member', undefined, 'leader', 'member'])
      expect(await alliances.memberships([])).toEqual([])
      const lots = Array.from({ length: 1_200 }, (_, index) => (index === 1_100 ? member.rid : `x-${index}`))
      expect((await alliances.memberships(lots)).flatMap((found) => found ?? [])).toHaveLength(1)
    })

    test('name and level of a role are noted wherever alliances show it', async () => {
      const { allianceId, founder } = await found()
      const [role, stranger] = [newRole(), newRole()]
      const invite: AllianceChange = {
        addRequest: { kind: 'invitation', rid: role.rid, by: short(founder), role },
      }
      await change(allianceId, [role.rid], invite)
      const before = (await alliances.find(allianceId))?.version ?? 0
      const renamed = { ...founder, name: 'Renamed', level: 99 }
      const membershipAfter = await alliances.updateRole(renamed)
      expect(membershipAfter).toMatchObject({ ...renamed, allianceId, rank: 'leader' })
      expect(await alliances.updateRole({ ...role, name: 'Invited', level: 8 })).toBeUndefined()
      expect(await alliances.updateRole(stranger)).toBeUndefined()
      expect(await alliances.requestsWith(role.rid)).toMatchObject([
        { by: { rid: founder.rid, name: 'Renamed' }, role: { name: 'Invited', level: 8 } },
      ])
      const roster = await expectSound(allianceId)
      expect(roster.members).toEqual([membershipAfter])
      // A roster from before must be told from this one.
      expect(roster.alliance.version).toBe(before + 1)
      expect(await alliances.updateRole(renamed)).toEqual(membershipAfter)
      expect((await alliances.find(allianceId))?.version).toBe(before + 1)
    })

    test('names that change while roles come and go are noted', async () => {
      const drafts = await Promise.all(Array.from({ length: 2 }, () => found()))
      for (let round = 0; round < 5; round++) {
        const role = newRole()
        const [from = '', to = ''] = drafts.map(({ allianceId }) => allianceId)
        await join(from, role)
        const move = async () => {
          await change(from, [role.rid], { leave: [role.rid] }, server(0))
          await join(to, role, server(0))
        }
        const tries = await Promise.allSettled([
          move(),
          ...Array.from({ length: 6 }, (_, index) =>
            server(index).updateRole({ ...role, name: `Name ${index}`, level: 50 + index }),
          ),
        ])
        expect(codes(tries)).toEqual([])
        await expectSound(to)
        await expectSound(from)
        await alliances.updateRole({ ...role, name: 'Last' })
        expect(await membership(role)).toMatchObject({ allianceId: to, name: 'Last' })
        await change(to, [role.rid], { leave: [role.rid] })
      }
    })

    test('a roster is of one moment', async () => {
      const { allianceId } = await found()
      const roles = Array.from({ length: 6 }, () => newRole())
      const changes = { running: true }
      const read = async () => {
        while (changes.running) {
          const roster = await server(1).roster(allianceId)
          expect(roster?.members).toHaveLength(roster?.alliance.memberCount ?? -1)
        }
      }
      const reading = Promise.all([read(), read()])
      try {
        for (const role of roles) await join(allianceId, role)
        for (const { rid } of roles) await change(allianceId, [rid], { leave: [rid] })
      } finally {
        changes.running = false
      }
      await reading
    })

    test('the log keeps the latest entries and is read backwards', async () => {
      const { allianceId } = await found()
      const none = await found()
      for (let level = 2; level <= 9; level++) {
        await change(allianceId, [], { set: { level }, log: { kind: 'levelled', detail: { level } } })
      }
      const seqs = async (page: { readonly limit: number; readonly beforeSeq?: number }) =>
        (await alliances.log(allianceId, page)).map(({ seq }) => seq)
      expect(await seqs({ limit: 10 })).toEqual([9, 8, 7, 6, 5])
      expect(await seqs({ limit: 2 })).toEqual([9, 8])
      expect(await seqs({ limit: 2, beforeSeq: 8 })).toEqual([7, 6])
      expect(await seqs({ limit: 10, beforeSeq: 6 })).toEqual([5])
      expect(await seqs({ limit: 10, beforeSeq: 5 })).toEqual([])
      expect(await alliances.log(none.allianceId, { limit: 10 })).toHaveLength(1)
      expect(await alliances.log('a-none', { limit: 10 })).toEqual([])
    })
  })

  describe('search', () => {
    const names = async (text: string) =>
      (await alliances.search({ text, limit: 50 })).alliances.map(({ name }) => name)

    test('finds by the beginning of name or tag, whatever the case, in order of the names', async () => {
      await found({ name: 'Zorro', tag: 'Qua1' })
      await found({ name: 'quartz', tag: 'zz1' })
      await found({ name: 'Quarrel', tag: 'zz2' })
      await found({ name: 'not quar', tag: 'xqua' })
      expect(await names('QUA')).toEqual(['Quarrel', 'quartz', 'Zorro'])
      expect(await names('quart')).toEqual(['quartz'])
      expect(await names('Ｑua1')).toEqual(['Zorro'])
      expect(await names('quart ')).toEqual([])
    })

    test('takes no character for a pattern', async () => {
      await found({ name: '100 p', tag: 'pp1' })
      await found({ name: 'a_b', tag: 'pp2' })
      await found({ name: 'a!b', tag: 'pp3' })
      await found({ name: 'a\\b', tag: 'pp4' })
      for (const text of ['%', '_', '1%', 'a%b', '!', '\\', "' or 1=1 --", '\u0000']) {
        expect(await names(text)).toEqual([])
      }
      expect(await names('a_')).toEqual(['a_b'])
      expect(await names('a!')).toEqual(['a!b'])
      expect(await names('a\\')).toEqual(['a\\b'])
    })

    test('is paged without gaps and repeats while alliances come and go', async () => {
      const drafts = []
      for (const end of ['a', 'b', 'c', 'd', 'e']) drafts.push(await found({ name: `paged ${end}` }))
      const page = async (cursor?: string) => {
        const answer = await alliances.search({
          text: 'paged',
          limit: 2,
          ...(cursor === undefined ? {} : { cursor }),
        })
        return { names: answer.alliances.map(({ name }) => name.at(-1)), next: answer.next }
      }
      const first = await page()
      expect(first.names).toEqual(['a', 'b'])
      expect(first.next).toMatch(/^[\w-]+$/)
      await disband(drafts[1]?.allianceId ?? '')
      const second = await page(first.next)
      expect(second.names).toEqual(['c', 'd'])
      expect(await page(second.next)).toEqual({ names: ['e'], next: undefined })
    })

    test('an empty text finds all, page by page', async () => {
      const all: string[] = []
      let cursor: string | undefined
      do {
        const page = await alliances.search({
          text: '',
          limit: 4,
          ...(cursor === undefined ? {} : { cursor }),
        })
        all.push(...page.alliances.map(({ allianceId }) => allianceId))
        cursor = page.next
      } while (cursor !== undefined)
      expect(new Set(all).size).toBe(all.length)
      expect(all.length).toBeGreaterThan(4)
    })

    test('cursors fit into a request whatever the names are', async () => {
      const name = (end: string) => '\uFDFA'.repeat(19) + end
      await found({ name: name('a'), tag: 'cur1' })
      await found({ name: name('b'), tag: 'cur2' })
      const first = await alliances.search({ text: 'cur', limit: 1 })
      expect(first.next?.length).toBeLessThanOrEqual(200)
      const second = await alliances.search({ text: 'cur', limit: 1, cursor: first.next ?? '' })
      expect(second.alliances).toMatchObject([{ name: name('b') }])
      expect(second.next).toBeUndefined()
    })

    test.each(['', 'ä', 'a b', '====', 'YQ==', 'x'])('%j is no cursor', async (cursor) => {
      const refused = { code: 'BAD_REQUEST', metadata: { path: 'cursor' } }
      const page = { limit: 1, cursor }
      await expect(alliances.search({ text: '', ...page })).rejects.toMatchObject(refused)
      await expect(alliances.requestsOf('a', 'application', page)).rejects.toMatchObject(refused)
    })

    test.each([0, -1, 1.5, Number.NaN, 1_001])('%j is no limit', async (limit) => {
      const refused = { code: 'BAD_REQUEST', metadata: { path: 'limit' } }
      await expect(alliances.search({ text: '', limit })).rejects.toMatchObject(refused)
      await expect(alliances.requestsOf('a', 'application', { limit })).rejects.toMatchObject(refused)
      await expect(alliances.log('a', { limit })).rejects.toMatchObject(refused)
    })
  })

  describe('requests', () => {
    test('are listed with both sides', async () => {
      const [one, two] = [await found(), await found()]
      const role = newRole()
      const by = short(one.founder)
      await change(one.allianceId, [role.rid], {
        addRequest: { kind: 'invitation', rid: role.rid, by, role },
      })
      clock.advance(1)
      await apply(two.allianceId, role)
      const invitation = {
        kind: 'invitation',
        allianceId: one.allianceId,
        allianceName: one.name,
        rid: role.rid,
        atMs: clock.nowMs() - 1,
        by,
        role,
      }
      const application = {
        kind: 'application',
        allianceId: two.allianceId,
        allianceName: two.name,
        rid: role.rid,
        atMs: clock.nowMs(),
        role,
      }
      expect(await alliances.requestsWith(role.rid)).toEqual([invitation, application])
      const limit = 10
      expect(await alliances.requestsOf(one.allianceId, 'invitation', { limit })).toEqual({
        requests: [invitation],
      })
      expect(await alliances.requestsOf(one.allianceId, 'application', { limit })).toEqual({ requests: [] })
      expect(await alliances.requestsOf(two.allianceId, 'application', { limit })).toEqual({
        requests: [application],
      })
      expect(await alliances.requestsWith('r-none')).toEqual([])
    })

    test('are paged, the oldest first, without gaps and repeats while they come and go', async () => {
      const { allianceId } = await found()
      const roles = Array.from({ length: 6 }, () => newRole())
      // The first four within one millisecond, the last of them first.
      for (const role of roles.slice(0, 4).toReversed()) await apply(allianceId, role)
      for (const role of roles.slice(4)) {
        clock.advance(1)
        await apply(allianceId, role)
      }
      const page = async (cursor?: string) => {
        const answer = await alliances.requestsOf(allianceId, 'application', {
          limit: 2,
          ...(cursor === undefined ? {} : { cursor }),
        })
        return { rids: answer.requests.map(({ rid }) => rid), next: answer.next }
      }
      const all = roles.map(({ rid }) => rid)
      const first = await page()
      expect(first.rids).toEqual(all.slice(0, 2))
      await change(allianceId, [all[1] ?? ''], { endRequests: [{ kind: 'application', rid: all[1] ?? '' }] })
      const second = await page(first.next)
      expect(second.rids).toEqual(all.slice(2, 4))
      expect(await page(second.next)).toEqual({ rids: all.slice(4), next: undefined })
    })
  })
}
