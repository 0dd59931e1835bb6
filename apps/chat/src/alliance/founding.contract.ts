import { routes } from '@hydra/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AllianceFixture, ask, code, eventsOf, heard, say } from '../test-support/alliance-fixture.ts'
import type { TestBackends } from '../test-support/test-backends.ts'

const { alliance } = routes.chat

/** How alliances are founded and paid for, over calls and storage, whatever they are. `open` is called for each test. */
export function foundingContract(open: () => Promise<TestBackends>): void {
  let fixture: AllianceFixture
  beforeEach(async () => {
    fixture = await AllianceFixture.open(open)
  })
  afterEach(() => fixture.close())

  it('takes its price and opens the channel to the founder at once', async () => {
    const ada = await fixture.player('Ada')
    const allianceId = await fixture.found(ada)
    expect([fixture.wallets.gold.get('rid-Ada'), [...fixture.wallets.holds.values()]]).toMatchObject([
      50,
      [{ state: 'settled' }],
    ])
    await say(ada, 'hello')
    await ada.gate.receives(ada.session, 1)
    expect([heard(ada), eventsOf(ada)]).toEqual([['hello'], ['founded']])
    expect(await ask(ada, alliance.mine, {})).toMatchObject({
      alliance: {
        allianceId,
        name: 'Alphas',
        members: 1,
        capacity: 3,
        leader: { name: 'Ada' },
        notice: '',
      },
      rank: 'leader',
    })
  })

  it('gives the price back when it is refused, and costs nothing when that is known beforehand', async () => {
    const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob', 1)]
    await fixture.found(ada)
    await expect(fixture.found(bob, { name: 'ALPHAS', tag: 'BB' })).rejects.toEqual(
      code('ALLIANCE_NAME_TAKEN'),
    )
    await expect(fixture.found(bob, { name: 'Betas', tag: 'aa' })).rejects.toEqual(code('ALLIANCE_TAG_TAKEN'))
    expect(fixture.wallets.gold.get('rid-Bob')).toBe(150)
    await expect(fixture.found(ada, { name: 'Betas', tag: 'BB' })).rejects.toEqual(
      code('ALREADY_IN_ALLIANCE'),
    )
    expect([...fixture.wallets.holds.values()].map(({ state }) => state)).toEqual([
      'settled',
      'released',
      'released',
    ])
    fixture.wallets.gold.set('rid-Bob', 99)
    await expect(fixture.found(bob, { name: 'Betas', tag: 'BB' })).rejects.toEqual(code('FUNDS_TOO_LOW'))
    expect(await ask(bob, alliance.search, { text: 'bet' })).toEqual({ alliances: [] })
  })

  it('follows a role to the server that owns it', async () => {
    const elsewhere = fixture.wallets
    const owner = await fixture.startGame()
    elsewhere.owner = owner.id
    fixture.wallets = owner.wallets
    await fixture.found(await fixture.player('Ada'))
    expect(owner.wallets.gold.get('rid-Ada')).toBe(50)
    expect(elsewhere.holds.size).toBe(0)
  })

  it('founds nothing for a role that cannot be found, and never sends a client to a game server', async () => {
    fixture.wallets.owner = 'nobody'
    const ada = await fixture.player('Ada')
    await expect(fixture.found(ada)).rejects.toEqual(code('SERVER_GONE'))
    fixture.wallets.owner = (await fixture.startGame('nobody')).id
    await expect(fixture.found(ada)).rejects.toMatchObject({
      code: expect.not.stringMatching('ROLE_ELSEWHERE'),
    })
    expect(await ask(ada, alliance.mine, {})).toEqual({})
  })

  it('whose end game has not heard of stands, or is refused for good, as it asks', async () => {
    const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob')]
    const outcome = (allianceId: string) =>
      fixture.gates[0]?.peer.call(alliance.outcome, { allianceId }, { to: { type: 'chat' } })
    fixture.wallets.lost = 2
    const allianceId = await fixture.found(ada)
    await expect(fixture.found(bob, { tag: 'BB' })).rejects.toEqual(code('ALLIANCE_NAME_TAKEN'))
    const [first = '', second = ''] = fixture.wallets.holds.keys()
    expect(first).toBe(allianceId)
    expect([...fixture.wallets.holds.values()].map(({ state }) => state)).toEqual(['held', 'held'])
    expect([await outcome(first), await outcome(second)]).toEqual([{ founded: true }, { founded: false }])
    await ask(ada, alliance.disband, {})
    expect(await outcome(first)).toEqual({ founded: true })
  })

  it('is for those who have joined chat', async () => {
    const ada = await fixture.player('Ada')
    await ada.gate.leave(ada.session)
    await expect(fixture.found(ada)).rejects.toEqual(code('CHAT_NOT_JOINED'))
    expect(fixture.wallets.holds.size).toBe(0)
  })
}
