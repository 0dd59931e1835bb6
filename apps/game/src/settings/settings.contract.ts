import { limits, routes } from '@hydra/protocol'
import { expect, it } from 'vitest'
import { currentSchema } from '../role/role-data.ts'
import { GameFixture } from '../test-support/game-fixture.ts'
import type { TestBackends } from '../test-support/test-backends.ts'

const { get, set } = routes.game.settings

/** What the game service keeps of a player's settings. `open` is called for each test. */
export function settingsContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open)

  it('are kept with the role: in the answers, in the database, and for the next session', async () => {
    const ada = await fixture.player('Ada')
    expect(await fixture.gate.request(ada, get, {}, fixture.game.id)).toEqual({ settings: {}, version: 1 })
    const changes = { 'key.jump': 'Space', volume: 0.25, muted: true }
    const answer = { settings: changes, version: 2 }
    expect(await fixture.gate.request(ada, set, { changes }, fixture.game.id)).toEqual(answer)
    // Nothing to change: nothing is written.
    expect(await fixture.gate.request(ada, set, { changes }, fixture.game.id)).toEqual(answer)
    expect(await fixture.gate.request(ada, set, { changes: { muted: null } }, fixture.game.id)).toEqual({
      settings: { 'key.jump': 'Space', volume: 0.25 },
      version: 3,
    })

    await fixture.gate.leave(ada, false, fixture.game.id)
    const settings = { 'key.jump': 'Space', volume: 0.25 }
    expect(await fixture.rowOf(ada.rid)).toMatchObject({
      version: 3,
      schema: currentSchema,
      data: { settings },
    })
    const again = await fixture.gate.login(ada.uid)
    await fixture.gate.request(again, routes.game.role.enter, { rid: ada.rid }, fixture.game.id)
    expect(await fixture.gate.request(again, get, {}, fixture.game.id)).toEqual({ settings, version: 4 })
  })

  it('of a role that was stored before there were any are empty', async () => {
    const session = await fixture.gate.login('u1')
    const data = { exp: 5, createdAtMs: 1, lastEnterAtMs: 2 }
    const old = { rid: 'r1', uid: 'u1', name: 'Old', level: 3, epoch: 0, version: 7, schema: 1, data }
    await fixture.world.storage.roles.create(old, { maxPerAccount: 1 })
    await fixture.gate.request(session, routes.game.role.enter, { rid: 'r1' }, fixture.game.id)
    const changes = { language: 'eo' }
    expect(await fixture.gate.request(session, set, { changes }, fixture.game.id)).toEqual({
      settings: changes,
      version: 9,
    })
    await fixture.gate.leave({ ...session, rid: 'r1' }, false, fixture.game.id)
    expect(await fixture.rowOf('r1')).toMatchObject({
      level: 3,
      version: 9,
      schema: currentSchema,
      data: { exp: 5, createdAtMs: 1, settings: changes },
    })
  })

  it('beyond their number are refused, and nothing of that change is kept', async () => {
    const ada = await fixture.player('Ada')
    const changes = Object.fromEntries(
      Array.from({ length: limits.settingsPerRoleMax }, (_, index) => [`key${index}`, index]),
    )
    const answer = await fixture.gate.request(ada, set, { changes }, fixture.game.id)
    const more = { key0: 'changed', oneMore: 1 }
    await expect(fixture.gate.request(ada, set, { changes: more }, fixture.game.id)).rejects.toMatchObject({
      code: 'SETTINGS_LIMIT_REACHED',
      metadata: { settingsMax: limits.settingsPerRoleMax },
    })
    expect(await fixture.gate.request(ada, get, {}, fixture.game.id)).toEqual(answer)
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['an empty key', { '': 1 }, 'begins with a letter'],
    ['a key that begins with a digit', { '1up': 1 }, 'begins with a letter'],
    ['a key of other signs', { 'a b': 1 }, 'letters, digits'],
    ['a long key', { [`k${'x'.repeat(limits.settingKeyMaxChars)}`]: 1 }, 'at most 32'],
    ['a long value', { key: 'x'.repeat(limits.settingValueMaxChars + 1) }, '<=256 characters'],
    ['an object', { key: { deep: 1 } }, 'a text, a number'],
    ['a list', { key: [1] }, 'a text, a number'],
    [
      'too many keys',
      Object.fromEntries(
        Array.from({ length: limits.settingsPerRoleMax + 1 }, (_, index) => [`key${index}`, null]),
      ),
      'at most 64 keys',
    ],
  ])('refuse %s and say why', async (_what, changes, why) => {
    const ada = await fixture.player('Ada')
    await expect(
      fixture.gate.request(ada, set, { changes: changes as never }, fixture.game.id),
    ).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(why) as string,
    })
    expect(await fixture.gate.request(ada, get, {}, fixture.game.id)).toEqual({ settings: {}, version: 1 })
  })

  it('named like what every object has are plain settings, and "__proto__" is none', async () => {
    const ada = await fixture.player('Ada')
    const changes = { constructor: 'mine', toString: 1, hasOwnProperty: true }
    const answer = await fixture.gate.request(ada, set, { changes: changes as never }, fixture.game.id)
    expect(Object.entries(answer.settings)).toEqual(Object.entries(changes))
    const proto = JSON.parse('{"__proto__":{"polluted":1}}') as never
    for (const session of [ada, { ...ada, serializer: 'json' as const }]) {
      await expect(
        fixture.gate.request(session, set, { changes: proto }, fixture.game.id),
      ).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(await fixture.gate.request(ada, get, {}, fixture.game.id)).toEqual(answer)
  })
}
