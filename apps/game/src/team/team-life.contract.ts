import { pushes, routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { describe, expect, it } from 'vitest'
import { until } from '../test-support/game-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import { TeamFixture, type TeamPlayer } from '../test-support/team-fixture.ts'

const { role, team } = routes.game
const graceMs = 5_000
const memberLostMs = 120_000

/** What becomes of teams as players come and go, and as servers and stores fail. `open` is called for each test. */
export function teamLifeContract(open: () => Promise<TestBackends>): void {
  const fixture = new TeamFixture(open)
  const pair = async (): Promise<readonly [TeamPlayer, TeamPlayer, string]> => {
    const [ada, bob] = [await fixture.member('Ada'), await fixture.member('Bob', fixture.other)]
    return [ada, bob, await fixture.teamOf(ada, bob)]
  }
  const enter = (player: TeamPlayer, rid = player.rid) => fixture.ask(player, role.enter, { rid })
  /** Without a word, as a process that is killed: its clock and its calls go nowhere. */
  const kill = async (): Promise<void> => {
    for (const store of ['teams', 'journal', 'roles', 'sessions']) fixture.game.faults.down.add(store)
    await fixture.game.die()
    const { registry } = fixture.other
    await until(registry, () => registry.get(fixture.game.id) === undefined)
  }

  describe('a member', () => {
    it('that comes back within the grace keeps its place', async () => {
      const [ada, bob, teamId] = await pair()
      await fixture.gate.leave(bob.session, true, fixture.other.id)
      const session = { ...(await fixture.gate.login(bob.session.uid)), rid: bob.rid }
      const again = { ...bob, session }
      await enter(again)
      fixture.world.clock.advance(2 * graceMs)
      expect(await fixture.seenBy(again)).toEqual([ada.rid, bob.rid])
      await fixture.chatHears(teamId, ada, bob)
    })

    it('leaves with the end of the grace', async () => {
      const [ada, bob, teamId] = await pair()
      await fixture.gate.leave(ada.session, true, fixture.game.id)
      fixture.world.clock.advance(graceMs)
      const told = await fixture.toldOf(bob, bob)
      expect(told).toMatchObject({ reason: 'left', rid: ada.rid, team: { leaderRid: bob.rid } })
      await fixture.chatHears(teamId, bob)
      await fixture.gate.leave(bob.session, false, fixture.other.id)
      await fixture.chatHears(teamId)
    })

    it('leaves when its session goes on with another role', async () => {
      const [ada, bob] = await pair()
      const { role: second } = await fixture.ask(ada, role.create, { name: 'Second' })
      await enter(ada, second.rid)
      expect(await fixture.seenBy({ ...ada, rid: second.rid })).toBeUndefined()
      expect(await fixture.seenBy(bob)).toEqual([bob.rid])
      await fixture.toldOf(bob, bob)
    })

    it('keeps its place when its role moves to another server', async () => {
      const [ada, bob, teamId] = await pair()
      await fixture.game.app.stop()
      ada.on = fixture.other
      expect(await fixture.seenBy(ada)).toEqual([ada.rid, bob.rid])
      await fixture.ask(ada, team.kick, { rid: bob.rid })
      await fixture.toldOf(bob)
      await fixture.chatHears(teamId, ada)
    })

    it('keeps its place when an older session of its account ends', async () => {
      const [ada, bob] = await pair()
      const session = { ...(await fixture.gate.login(bob.session.uid)), rid: bob.rid }
      const again = { ...bob, session }
      await enter(again)
      await fixture.gate.leave(bob.session, false, fixture.other.id)
      // Also when the server that is told has never had it.
      await fixture.gate.leave(bob.session, false, fixture.game.id)
      expect(await fixture.seenBy(again)).toEqual([ada.rid, bob.rid])
    })

    it('shows as it is', async () => {
      const [ada, bob] = await pair()
      await fixture.ask(bob, role.rename, { name: 'Robert' })
      const told = await fixture.pushes.last(
        ada.rid,
        pushes.game.team.changed,
        ({ reason }) => reason === 'renamed',
      )
      expect(told).toMatchObject({ rid: bob.rid, team: { members: [{ name: 'Ada' }, { name: 'Robert' }] } })
    })
  })

  describe('when a server dies', () => {
    it('members that do not come back are put out, those who do are not', async () => {
      const [ada, bob] = await pair()
      const eve = await fixture.member('Eve')
      await fixture.ask(ada, team.invite, { rid: eve.rid })
      await fixture.ask(eve, team.apply, { member: bob.rid })
      await kill()
      const back = { ...eve, on: fixture.other }
      await enter(back)
      expect(await fixture.seenBy(back)).toEqual([ada.rid, bob.rid, eve.rid])
      for (let ms = 30_000; ms < memberLostMs; ms += 30_000) await fixture.sweep(fixture.other)
      expect(await fixture.seenBy(bob)).toEqual([ada.rid, bob.rid, eve.rid])
      await fixture.sweep(fixture.other)
      for (const player of [bob, back]) {
        const told = await fixture.toldOf(player, bob, eve)
        expect(told).toMatchObject({ reason: 'lost', rid: ada.rid, team: { leaderRid: bob.rid } })
      }
      expect(await fixture.toldOf(ada)).toMatchObject({ reason: 'lost' })
    })

    it('nobody who is there is put out', async () => {
      const [ada, bob] = await pair()
      for (let ms = 0; ms < 2 * memberLostMs; ms += 30_000) {
        await fixture.sweep(fixture.game, fixture.other)
        for (const player of [ada, bob]) await fixture.ask(player, role.ping, { clientTimeMs: 1 })
      }
      expect(await fixture.seenBy(ada)).toEqual([ada.rid, bob.rid])
    })

    it('the invitations of its roles are for nobody', async () => {
      const [, bob] = await pair()
      const eve = await fixture.member('Eve')
      await kill()
      await fixture.ask(bob, team.leave, {})
      await fixture.teamOf(bob)
      await expect(fixture.ask(bob, team.invite, { rid: eve.rid })).rejects.toMatchObject({
        code: 'ROLE_OFFLINE',
      })
    })
  })

  describe('what could not be done', () => {
    it('chat hears of it when it is back, from another server too', async () => {
      fixture.world.chat.isAway = true
      const [ada, bob] = [await fixture.member('Ada'), await fixture.member('Bob', fixture.other)]
      const teamId = await fixture.teamOf(ada, bob)
      const ended = await fixture.member('Eve')
      const endedId = await fixture.teamOf(ended)
      await fixture.ask(ended, team.leave, {})
      await kill()
      fixture.world.chat.isAway = false
      await fixture.sweep(fixture.other)
      await fixture.chatHears(teamId, ada, bob)
      await fixture.chatHears(endedId)
      const { teams } = fixture.world.storage.stores
      await eventually(async () => (await teams.get(teamId))?.told)
      await eventually(async () => (await teams.get(endedId)) === undefined)
    })

    it('everybody is told of a change whose answer was lost', async () => {
      const ada = await fixture.member('Ada')
      fixture.game.faults.lost.add('teams.put')
      await expect(fixture.ask(ada, team.create, {})).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      fixture.game.faults.heal()
      await fixture.sweep(fixture.game, fixture.other)
      const told = await fixture.toldOf(ada, ada)
      expect(told).toMatchObject({ version: 1, reason: 'created' })
      await fixture.chatHears(told.teamId, ada)
      await expect(fixture.ask(ada, team.create, {})).rejects.toMatchObject({ code: 'ALREADY_IN_TEAM' })
    })

    it('is done when the store is back: names are shown, and who has left is out', async () => {
      const [ada, bob] = await pair()
      const eve = await fixture.member('Eve')
      await fixture.ask(ada, team.invite, { rid: eve.rid })
      await fixture.ask(eve, team.apply, { member: ada.rid })
      fixture.game.faults.down.add('teams')
      await fixture.ask(ada, role.rename, { name: 'Grace' })
      await expect(fixture.gate.leave(eve.session, false, fixture.game.id)).resolves.toBe('saved')
      await expect(fixture.ask(ada, team.get, {})).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      fixture.game.faults.heal()
      await fixture.sweep(fixture.game)
      const told = await fixture.toldOf(bob, ada, bob)
      expect(told.team?.members).toMatchObject([{ name: 'Grace' }, { name: 'Bob' }])
    })
  })
}
