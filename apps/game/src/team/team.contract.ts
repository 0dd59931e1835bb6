import { pushes, routes, type ErrorCode } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import type { TestBackends } from '../test-support/test-backends.ts'
import { TeamFixture, type TeamPlayer } from '../test-support/team-fixture.ts'

const { team } = routes.game
const { invited, answered } = pushes.game.team
const requestMs = 60_000
const membersMax = 5
const requestsMax = 10

/** Teams as players make and change them, on two servers. `open` is called for each test. */
export function teamContract(open: () => Promise<TestBackends>): void {
  const fixture = new TeamFixture(open)
  const refused = async (code: ErrorCode, request: Promise<unknown>) =>
    expect(await request.catch((error: unknown) => error)).toMatchObject({ code })
  const several = (name: string, count: number, on = fixture.game): Promise<TeamPlayer[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => fixture.member(`${name}${index}`, on)))

  describe('a team', () => {
    it('has members on any server, who all are told, and its channel', async () => {
      const [ada, bob] = [await fixture.member('Ada'), await fixture.member('Bob', fixture.other)]
      expect(await fixture.ask(ada, team.get, {})).toEqual({ team: null })
      const { team: made } = await fixture.ask(ada, team.create, {})
      const { teamId } = made
      const joinedAtMs = fixture.world.clock.nowMs()
      expect(made).toEqual({
        teamId,
        version: 1,
        leaderRid: ada.rid,
        members: [{ rid: ada.rid, name: 'Ada', level: 1, joinedAtMs }],
        applications: [],
        invitations: [],
      })
      expect(await fixture.toldOf(ada, ada)).toMatchObject({ reason: 'created', team: made })
      await fixture.chatHears(teamId, ada)

      await fixture.ask(ada, team.invite, { rid: bob.rid })
      expect(await fixture.pushes.last(bob.rid, invited)).toEqual({
        teamId,
        from: { rid: ada.rid, name: 'Ada' },
        members: 1,
        expiresAtMs: joinedAtMs + requestMs,
      })
      const { team: joined } = await fixture.ask(bob, team.accept, { teamId })
      expect(joined).toMatchObject({
        version: 3,
        members: [{ name: 'Ada' }, { name: 'Bob' }],
        invitations: [],
      })
      for (const player of [ada, bob]) {
        expect(await fixture.toldOf(player, ada, bob)).toEqual({
          teamId,
          version: 3,
          team: joined,
          reason: 'joined',
          rid: bob.rid,
        })
        expect(await fixture.ask(player, team.get, {})).toEqual({ team: joined })
      }
      await fixture.chatHears(teamId, ada, bob)

      expect(await fixture.ask(ada, team.leave, {})).toMatchObject({ team: { leaderRid: bob.rid } })
      expect(await fixture.toldOf(ada)).toMatchObject({
        version: 4,
        team: null,
        reason: 'left',
        rid: ada.rid,
      })
      expect(await fixture.ask(bob, team.leave, {})).toEqual({ team: null })
      expect(await fixture.toldOf(bob)).toMatchObject({ version: 5, team: null })
      await fixture.chatHears(teamId)
      for (const player of [ada, bob]) expect(await fixture.seenBy(player)).toBeUndefined()
    })

    it('is led by one member, who puts others out and hands it over', async () => {
      const [ada, bob, eve] = [
        await fixture.member('Ada'),
        await fixture.member('Bob', fixture.other),
        await fixture.member('Eve'),
      ]
      const teamId = await fixture.teamOf(ada, bob, eve)
      for (const route of [team.kick, team.handOver, team.invite, team.uninvite, team.approve, team.reject])
        await refused('NOT_TEAM_LEADER', fixture.ask(bob, route, { rid: eve.rid }))
      await refused('NOT_TEAM_LEADER', fixture.ask(bob, team.disband, {}))
      await refused('BAD_REQUEST', fixture.ask(ada, team.kick, { rid: ada.rid }))
      await fixture.ask(ada, team.kick, { rid: eve.rid })
      expect(await fixture.toldOf(eve)).toMatchObject({ team: null, reason: 'kicked', rid: eve.rid })
      for (const route of [team.kick, team.handOver])
        await refused('NOT_IN_TEAM', fixture.ask(ada, route, { rid: eve.rid }))
      expect(await fixture.ask(ada, team.handOver, { rid: bob.rid })).toMatchObject({
        team: { leaderRid: bob.rid },
      })
      await refused('NOT_TEAM_LEADER', fixture.ask(ada, team.disband, {}))
      expect(await fixture.ask(bob, team.disband, {})).toEqual({})
      for (const player of [ada, bob])
        expect(await fixture.toldOf(player)).toMatchObject({ teamId, team: null, reason: 'disbanded' })
      await fixture.chatHears(teamId)
    })

    it('is one at most for each role', async () => {
      const [ada, bob, eve] = [
        await fixture.member('Ada'),
        await fixture.member('Bob', fixture.other),
        await fixture.member('Eve'),
      ]
      await fixture.teamOf(ada)
      const second = await fixture.ask(eve, team.create, {})
      const { teamId } = second.team
      await refused('ALREADY_IN_TEAM', fixture.ask(ada, team.create, {}))
      await refused('ALREADY_IN_TEAM', fixture.ask(ada, team.apply, { member: eve.rid }))
      await refused('ALREADY_IN_TEAM', fixture.ask(eve, team.invite, { rid: ada.rid }))
      await refused('ALREADY_IN_TEAM', fixture.ask(eve, team.invite, { rid: eve.rid }))
      // Asked into the one and taken into the other, whichever way.
      await fixture.ask(eve, team.invite, { rid: bob.rid })
      await fixture.ask(bob, team.apply, { member: ada.rid })
      await fixture.ask(ada, team.approve, { rid: bob.rid })
      await refused('ALREADY_IN_TEAM', fixture.ask(bob, team.accept, { teamId }))
      await fixture.ask(bob, team.leave, {})
      await fixture.ask(bob, team.apply, { member: ada.rid })
      await fixture.ask(bob, team.accept, { teamId })
      await refused('ALREADY_IN_TEAM', fixture.ask(ada, team.approve, { rid: bob.rid }))
      expect(await fixture.seenBy(bob)).toEqual([eve.rid, bob.rid])
    })

    it('has so many members and requests at most, also when all come at once', async () => {
      const [ada, ...others] = await several('Player', membersMax + 2)
      const waiting = await several('Waiting', requestsMax + 1, fixture.other)
      if (ada === undefined) throw new Error('no players')
      const teamId = await fixture.teamOf(ada)
      for (const { rid } of others) await fixture.ask(ada, team.invite, { rid })
      const outcomes = await Promise.allSettled(
        others.map((player) => fixture.ask(player, team.accept, { teamId })),
      )
      const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
      expect(failed).toMatchObject([{ code: 'TEAM_FULL' }, { code: 'TEAM_FULL' }])
      expect(await fixture.seenBy(ada)).toHaveLength(membersMax)
      const [first, ...rest] = waiting
      if (first === undefined) throw new Error('no players')
      await refused('TEAM_FULL', fixture.ask(ada, team.invite, { rid: first.rid }))
      await refused('TEAM_FULL', fixture.ask(first, team.apply, { member: ada.rid }))
      const [, leaving] = (await fixture.seenBy(ada)) ?? []
      await fixture.ask(ada, team.kick, { rid: String(leaving) })
      for (const player of rest)
        expect(await fixture.ask(player, team.apply, { member: ada.rid })).toEqual({
          teamId,
          isMember: false,
        })
      await refused('TEAM_REQUESTS_FULL', fixture.ask(first, team.apply, { member: ada.rid }))
    })
  })

  describe('requests', () => {
    it('are answered: withdrawn, declined, rejected, taken back', async () => {
      const [ada, bob] = [await fixture.member('Ada'), await fixture.member('Bob', fixture.other)]
      const teamId = await fixture.teamOf(ada)
      const invite = () => fixture.ask(ada, team.invite, { rid: bob.rid })
      const apply = () => fixture.ask(bob, team.apply, { member: ada.rid })

      expect((await invite()).team.invitations).toMatchObject([{ rid: bob.rid, byRid: ada.rid }])
      expect((await invite()).team.version).toBe(2)
      expect((await fixture.ask(ada, team.uninvite, { rid: bob.rid })).team.invitations).toEqual([])
      expect(await fixture.pushes.last(bob.rid, answered)).toEqual({
        teamId,
        rid: bob.rid,
        answer: 'withdrawn',
      })
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(bob, team.accept, { teamId }))

      await invite()
      expect(await fixture.ask(bob, team.decline, { teamId })).toEqual({})
      expect(await fixture.pushes.last(ada.rid, answered)).toEqual({
        teamId,
        rid: bob.rid,
        answer: 'declined',
      })
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(bob, team.decline, { teamId }))
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(ada, team.uninvite, { rid: bob.rid }))

      expect(await apply()).toEqual({ teamId, isMember: false })
      expect((await fixture.ask(ada, team.reject, { rid: bob.rid })).team.applications).toEqual([])
      await fixture.pushes.last(bob.rid, answered, ({ answer }) => answer === 'rejected')
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(ada, team.approve, { rid: bob.rid }))
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(ada, team.reject, { rid: bob.rid }))

      await apply()
      expect(await fixture.ask(bob, team.cancel, { teamId })).toEqual({})
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(bob, team.cancel, { teamId }))

      await apply()
      const { team: approved } = await fixture.ask(ada, team.approve, { rid: bob.rid })
      expect(approved.members).toMatchObject([{ name: 'Ada' }, { name: 'Bob', level: 1 }])
      await fixture.toldOf(bob, ada, bob)
    })

    it('from both sides make a member at once', async () => {
      const [ada, bob, eve] = [
        await fixture.member('Ada'),
        await fixture.member('Bob', fixture.other),
        await fixture.member('Eve', fixture.other),
      ]
      const teamId = await fixture.teamOf(ada)
      await fixture.ask(ada, team.invite, { rid: bob.rid })
      expect(await fixture.ask(bob, team.apply, { member: ada.rid })).toEqual({ teamId, isMember: true })
      await fixture.ask(eve, team.apply, { member: bob.rid })
      const { team: joined } = await fixture.ask(ada, team.invite, { rid: eve.rid })
      expect(joined.members.map(({ rid }) => rid)).toEqual([ada.rid, bob.rid, eve.rid])
      expect(fixture.pushes.of(eve.rid, invited)).toEqual([])
    })

    it('expire', async () => {
      const [ada, bob, eve] = [
        await fixture.member('Ada'),
        await fixture.member('Bob', fixture.other),
        await fixture.member('Eve'),
      ]
      const teamId = await fixture.teamOf(ada)
      await fixture.ask(ada, team.invite, { rid: bob.rid })
      await fixture.ask(eve, team.apply, { member: ada.rid })
      fixture.world.clock.advance(requestMs - 1)
      expect((await fixture.ask(ada, team.get, {})).team).toMatchObject({
        invitations: [{}],
        applications: [{}],
      })
      fixture.world.clock.advance(1)
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(bob, team.accept, { teamId }))
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(ada, team.approve, { rid: eve.rid }))
      expect((await fixture.ask(ada, team.get, {})).team).toMatchObject({ invitations: [], applications: [] })
      expect(await fixture.ask(eve, team.apply, { member: ada.rid })).toMatchObject({ isMember: false })
    })

    it('are for roles that are played', async () => {
      const ada = await fixture.member('Ada')
      const gone = await fixture.member('Gone', fixture.other)
      await fixture.teamOf(ada)
      await fixture.ask(gone, team.apply, { member: ada.rid })
      await fixture.gate.leave(gone.session, false, fixture.other.id)
      await refused('TEAM_REQUEST_NOT_FOUND', fixture.ask(ada, team.approve, { rid: gone.rid }))
      await refused('ROLE_OFFLINE', fixture.ask(ada, team.invite, { rid: gone.rid }))
      await refused('ROLE_OFFLINE', fixture.ask(ada, team.invite, { rid: 'nobody' }))
    })

    it('that make no sense are refused', async () => {
      const [ada, bob] = [await fixture.member('Ada'), await fixture.member('Bob', fixture.other)]
      for (const rid of [ada.rid, bob.rid, 'nobody']) {
        for (const route of [team.invite, team.uninvite, team.approve, team.reject, team.kick, team.handOver])
          await refused('NOT_IN_TEAM', fixture.ask(ada, route, { rid }))
        await refused('TEAM_NOT_FOUND', fixture.ask(ada, team.apply, { member: rid }))
        for (const route of [team.accept, team.decline, team.cancel])
          await refused('TEAM_NOT_FOUND', fixture.ask(ada, route, { teamId: rid }))
      }
      for (const route of [team.leave, team.disband])
        await refused('NOT_IN_TEAM', fixture.ask(ada, route, {}))
      const teamId = await fixture.teamOf(ada)
      // A typed client cannot send the last two; others can.
      for (const rid of ['', 'a b', 'x'.repeat(65), 7 as unknown as string, null as unknown as string])
        await refused('BAD_REQUEST', fixture.ask(ada, team.invite, { rid }))
      for (const route of [team.accept, team.decline, team.cancel])
        await refused(
          route === team.accept ? 'ALREADY_IN_TEAM' : 'TEAM_REQUEST_NOT_FOUND',
          fixture.ask(ada, route, { teamId }),
        )
      await fixture.ask(ada, team.leave, {})
      await fixture.chatHears(teamId)
      await refused('TEAM_NOT_FOUND', fixture.ask(bob, team.accept, { teamId }))
    })
  })
}
