import { setTimeout as sleep } from 'node:timers/promises'
import { routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { beforeEach, expect, it } from 'vitest'
import { GameFixture } from './test-support/game-fixture.ts'
import { until, type TestGame } from './test-support/game-world.ts'
import type { TestBackends } from './test-support/test-backends.ts'

const { get, list, rename } = routes.game.role

/** What game servers do for each other when one stops or dies. `open` is called for each test. */
export function failoverContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open)
  let other: TestGame

  beforeEach(async () => {
    other = await fixture.world.startGame()
    await fixture.gateSees(other)
    await until(other.registry, () => other.registry.get(fixture.game.id) !== undefined)
  })

  it('a role is on one; another names it', async () => {
    const ada = await fixture.player('Ada')
    await expect(fixture.gate.request(ada, get, {}, other.id)).rejects.toMatchObject({
      code: 'ROLE_ELSEWHERE',
      metadata: { server: fixture.game.id },
    })
    await fixture.gate.request(ada, get, {}, fixture.game.id)
  })

  it('a request for a role whose server died loads it, once for a hundred, with all that was acknowledged', async () => {
    const ada = await fixture.player('Ada')
    const before = await fixture.gate.request(ada, rename, { name: 'Grace' }, fixture.game.id)
    expect(await fixture.rowOf(ada.rid)).toMatchObject({ name: 'Ada', version: 0 })
    other.faults.down.add('roles.saveAll')
    await fixture.game.die()
    await until(other.registry, () => other.registry.get(fixture.game.id) === undefined)

    const answers = await Promise.all(
      Array.from({ length: 100 }, () => fixture.gate.request(ada, get, {}, other.id)),
    )
    for (const answer of answers) expect(answer).toEqual(before)
    expect(await fixture.world.storage.stores.roleJournal.unsaved(10)).toEqual([])
    // The second one takes the role over from the server that is gone.
    expect(other.faults.calls.get('journal.acquire')).toBe(2)
    other.faults.heal()
    await expect(fixture.gate.leave(ada, false, other.id)).resolves.toBe('saved')
    expect(await fixture.rowOf(ada.rid)).toMatchObject({ name: 'Grace', version: 2 })
    expect(await fixture.isFree(ada.rid)).toBe(true)
  })

  it('what a dead one left unsaved is saved without anybody asking', async () => {
    const ada = await fixture.player('Ada')
    await fixture.game.die()
    await eventually(async () => (await fixture.rowOf(ada.rid))?.version === 1)
  })

  it('a leave for a role whose server died saves and frees it', async () => {
    const ada = await fixture.player('Ada')
    await fixture.game.die()
    await until(other.registry, () => other.registry.get(fixture.game.id) === undefined)
    await expect(fixture.gate.leave(ada, true, other.id)).resolves.toBe('saved')
    expect(await fixture.rowOf(ada.rid)).toMatchObject({ version: 1 })
    expect(await fixture.recordOf(ada.uid)).toBeUndefined()
    expect(await fixture.isFree(ada.rid)).toBe(true)
  })

  it('a leave that comes to the wrong server ends the session there and leaves the role alone', async () => {
    const ada = await fixture.player('Ada')
    await expect(fixture.gate.leave(ada, false, other.id)).resolves.toBe('absent')
    expect(await fixture.recordOf(ada.uid)).toBeUndefined()
    expect(fixture.world.chat.heard.at(-1)).toBe(`leave ${ada.rid}`)
    await fixture.gate.request(ada, get, {}, fixture.game.id)
  })

  it('one that stops saves its roles, keeps their sessions, and the players go on elsewhere', async () => {
    const players = await Promise.all(
      Array.from({ length: 200 }, (_, index) => fixture.player(`Player${index}`)),
    )
    await fixture.game.app.stop()
    expect(fixture.gate.cluster.registry.get(fixture.game.id)?.state).not.toBe('ready')
    for (const { rid, uid } of players) {
      expect(await fixture.rowOf(rid)).toMatchObject({ version: 1 })
      expect(await fixture.recordOf(uid)).toBeDefined()
    }
    expect(fixture.game.lines).toContainEqual(
      expect.objectContaining({ msg: 'drained', roles: 200, left: 0 }),
    )
    const views = await Promise.all(
      players.map((session) => fixture.gate.request(session, get, {}, other.id)),
    )
    for (const { role } of views) expect(role.version).toBe(1)
    expect(fixture.world.chat.heard.filter((heard) => heard.startsWith('leave'))).toEqual([])
  })

  it('a session that ends while its server stops leaves nothing behind', async () => {
    const ada = await fixture.player('Ada')
    const stopped = fixture.game.app.stop()
    // As gates do it: when this server is gone before it answers, another is told.
    await fixture.gate.leave(ada, true, fixture.game.id).catch(() => fixture.gate.leave(ada, true, other.id))
    await stopped
    expect(await fixture.recordOf(ada.uid)).toBeUndefined()
    expect(await fixture.rowOf(ada.rid)).toMatchObject({ version: 1 })
    expect(await fixture.isFree(ada.rid)).toBe(true)
    expect(fixture.world.chat.heard.at(-1)).toBe(`leave ${ada.rid}`)
  })

  it('one that stops answers what it was asked before its record goes', async () => {
    const { game, gate } = fixture
    const { faults, lines } = game
    const ada = await fixture.player('Ada')
    const seen: string[] = []
    gate.cluster.registry.watch(({ kind, server }) => {
      if (server.id === game.id && kind === 'left') seen.push('left')
    })
    faults.late.add('roles.listByUid')
    const listing = gate.request(ada, list, {}, game.id).then(() => seen.push('answered'))
    await eventually(() => faults.calls.has('roles.listByUid'))
    const stopped = game.app.stop()
    await eventually(() => lines.some(({ msg }) => msg === 'drained'))
    // Nothing shows that it waits for this call; without waiting it would be gone by then.
    await sleep(50)
    faults.heal()
    await Promise.all([listing, stopped])
    await until(gate.cluster.registry, () => seen.includes('left'))
    expect(seen).toEqual(['answered', 'left'])
  })

  it('one that stops without its database counts what is left, and another saves it', async () => {
    const ada = await fixture.player('Ada')
    fixture.game.faults.down.add('roles')
    let stopped = false
    const stopping = fixture.game.app.stop().then(() => (stopped = true))
    await eventually(() => {
      fixture.world.clock.advance(500)
      return stopped
    })
    await stopping
    expect(fixture.game.lines).toContainEqual(expect.objectContaining({ roles: 1, left: 1, level: 'error' }))
    await eventually(async () => (await fixture.rowOf(ada.rid))?.version === 1)
    await expect(fixture.gate.request(ada, get, {}, other.id)).resolves.toMatchObject({
      role: { version: 1 },
    })
  })
}
