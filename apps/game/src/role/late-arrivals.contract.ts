import { routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { expect, it } from 'vitest'
import { GameFixture } from '../test-support/game-fixture.ts'
import type { TestBackends } from '../test-support/test-backends.ts'

/** What becomes of roles that chat could not be told of when they entered. */
export function lateArrivalsContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open)
  const heard = () => fixture.world.chat.heard
  const late = () => fixture.game.game.late

  /** Time passes until a look has been made. */
  const look = async (ms: number) => {
    fixture.world.clock.advance(ms)
    await late().look()
  }

  it('chat is told of them when it is back', async () => {
    fixture.world.chat.isAway = true
    const { rid } = await fixture.player('Ada')
    await look(2_000)
    expect([heard(), late().size]).toEqual([[], 1])
    fixture.world.chat.isAway = false
    // The pause has doubled.
    await look(2_000)
    expect(heard()).toEqual([])
    await look(2_000)
    expect([heard(), late().size]).toEqual([[`enter ${rid} Ada 1`], 0])
  })

  it('chat is not told of a role that has left by then', async () => {
    fixture.world.chat.isAway = true
    const ada = await fixture.player('Ada')
    fixture.world.chat.isAway = false
    await fixture.gate.leave(ada, false, fixture.game.id)
    await look(2_000)
    expect([heard(), late().size]).toEqual([[`leave ${ada.rid}`], 0])
  })

  it('chat is told of the session that plays it by then, once', async () => {
    fixture.world.chat.isAway = true
    const { rid } = await fixture.player('Ada')
    fixture.world.chat.isAway = false
    const next = await fixture.gate.login('uid-Ada')
    await fixture.gate.request(next, routes.game.role.enter, { rid }, fixture.game.id)
    await eventually(() => heard().length > 0)
    await look(2_000)
    expect([heard(), late().size]).toEqual([[`enter ${rid} Ada 1`], 0])
  })

  it('chat is not told again what it refuses for good, when a role enters or later', async () => {
    const { chat } = fixture.world
    chat.isAway = true
    await fixture.player('Ada')
    chat.isAway = false
    chat.refusal = 'BAD_REQUEST'
    await fixture.player('Bob')
    expect([chat.refused, late().size]).toEqual([1, 1])
    await look(2_000)
    expect([chat.refused, late().size]).toEqual([2, 0])
    chat.refusal = undefined
    await look(60_000)
    expect(heard()).toEqual([])
  })

  it('chat is told again after a defect of its own', async () => {
    const { chat } = fixture.world
    chat.refusal = 'INTERNAL'
    await fixture.player('Ada')
    expect(late().size).toBe(1)
    chat.refusal = undefined
    await look(2_000)
    expect(late().size).toBe(0)
    expect(heard()).toHaveLength(1)
  })

  it('chat is told by the server that the role has moved to', async () => {
    fixture.world.chat.isAway = true
    const ada = await fixture.player('Ada')
    const other = await fixture.world.startGame()
    await fixture.gateSees(other)
    await fixture.game.app.stop()
    fixture.world.chat.isAway = false
    await fixture.gate.request(ada, routes.game.role.get, {}, other.id)
    fixture.world.clock.advance(2_000)
    await other.game.late.look()
    expect([heard(), other.game.late.size]).toEqual([[`enter ${ada.rid} Ada 1`], 0])
  })
}
