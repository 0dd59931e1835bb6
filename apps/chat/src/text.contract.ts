import { limits, routes, type ChatMessage, type HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { chooseSeed, eventually } from '@hydra/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { castOf, type ChatCast } from './test-support/chat-cast.ts'
import { ChatWorld } from './test-support/chat-world.ts'
import { errorOf } from './test-support/error-of.ts'
import { anyText, brokenTexts, keptTexts, refusedTexts } from './test-support/hard-texts.ts'
import type { TestBackends } from './test-support/test-backends.ts'
import type { TestGate } from './test-support/test-gate.ts'

const { channel, alliance, presence, system } = routes.chat
const runs = { seed: chooseSeed(), numRuns: 150 }
const texts = keptTexts.map(([, text]) => text)

/** What is said comes back as it was said, wherever it has been, or is refused with the reason. */
export function textContract(open: () => Promise<TestBackends>): void {
  let world: ChatWorld
  let gate: TestGate
  let cast: ChatCast
  /** The same roles by either serializer: what one says the other one reads. */
  let both: readonly [RoleSession, RoleSession]
  let casts = 0

  beforeAll(async () => {
    world = new ChatWorld(await open())
    await world.startChat({ alliance: { price: 0 } })
    gate = (await world.startGate()).gate
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    cast = await castOf(world, gate, `${(casts += 1)}`)
    both = [cast.leader, cast.member]
    // Sessions are opened with either one in turn.
    expect(new Set([cast.leader, cast.member, cast.outsider].map(({ serializer }) => serializer)).size).toBe(
      2,
    )
  })

  const names = () => ({
    world: ['world', 'world'],
    alliance: ['alliance', 'alliance'],
    private: [`private-${cast.member.rid}`, `private-${cast.leader.rid}`],
  })
  const kinds = ['world', 'alliance', 'private'] as const
  type Kind = (typeof kinds)[number]
  const keyOf = (kind: Kind) =>
    ({
      world: 'world-test-1',
      alliance: `alliance-${cast.allianceId}`,
      private: `private-${[cast.leader.rid, cast.member.rid].sort().join('.')}`,
    })[kind]

  const textsOf = (messages: readonly ChatMessage[]) => messages.map(({ text }) => text)
  /** Each text said by the leader and the member in turn. */
  const sayAll = async (kind: Kind, said: readonly string[]) => {
    for (const [index, text] of said.entries()) {
      const side = index % 2
      const answer = await gate.request(both[side] as RoleSession, channel.send, {
        channel: names()[kind][side] as string,
        text,
      })
      // The word filter, which would tell of a change, makes none.
      expect(answer.text).toBeUndefined()
    }
  }
  const historyOf = async (kind: Kind, count: number) =>
    Promise.all(
      both.map(async (session, side) => {
        const body = { channel: names()[kind][side] as string, limit: count }
        return textsOf((await gate.request(session, channel.history, body)).messages)
      }),
    )
  /** Waits until the archive has everything, and takes the log away. */
  const forgetLog = async (kind: Kind) => {
    const { chatLog } = world.storage.stores
    world.clock.advance(1_000)
    await eventually(async () => expect(await chatLog.unarchived(10)).toEqual([]))
    await chatLog.forget(keyOf(kind))
    expect(await chatLog.page(keyOf(kind), { limit: 1 })).toEqual([])
  }
  describe.each(kinds)('what is said in a channel of the kind %s', (kind) => {
    it('is pushed and read as it was said', async () => {
      await sayAll(kind, texts)
      for (const session of both) {
        expect(textsOf(await gate.receives(session, texts.length))).toEqual(texts)
      }
      expect(await historyOf(kind, texts.length)).toEqual([texts, texts])
    })

    it.skipIf(kind === 'world')('is in the archive as it was said', async () => {
      await sayAll(kind, texts)
      await forgetLog(kind)
      expect(await historyOf(kind, texts.length)).toEqual([texts, texts])
    })

    it('is refused with a reason, and reaches nobody', async () => {
      for (const session of both) {
        const body = { channel: kind === 'private' ? `private-${cast.outsider.rid}` : kind }
        for (const [text, expectation] of refusedTexts) {
          const { code, metadata } = await errorOf(gate, session, channel.send, { ...body, text })
          expect({ text, code, metadata }).toEqual({
            text,
            code: 'BAD_REQUEST',
            metadata: { path: 'text', expectation },
          })
        }
        for (const text of brokenTexts) {
          const { code, message } = await errorOf(gate, session, channel.send, { ...body, text })
          expect({ text, code }).toEqual({ text, code: 'PROTOCOL_ERROR' })
          expect(message).toContain('a text is no valid Unicode')
        }
      }
      await sayAll(kind, ['the end'])
      expect(textsOf(await gate.receives(cast.member, 1))).toEqual(['the end'])
    })
  })

  it('whatever is said comes back but for blanks at its ends, or is refused with a reason', async () => {
    const said = fc.sample(anyText, runs)
    const kept: string[] = []
    for (const [index, text] of said.entries()) {
      const session = both[index % 2] as RoleSession
      const sent = await gate.request(session, channel.send, { channel: 'alliance', text }).then(
        () => undefined,
        (error: unknown) => error as HydraError,
      )
      if (sent === undefined) kept.push(text.trim())
      expect({ text, code: sent?.code ?? 'OK' }).toEqual({
        text,
        code: sent === undefined ? 'OK' : 'BAD_REQUEST',
      })
      expect(String(sent?.metadata?.['expectation'] ?? 'at least 1')).toMatch(/^(?:no|at|direction|half) /)
    }
    expect(kept.length).toBeGreaterThan(said.length / 4)
    expect(textsOf(await gate.receives(cast.leader, kept.length))).toEqual(kept)
    expect(textsOf(await gate.receives(cast.member, kept.length))).toEqual(kept)
    const latest = kept.slice(-100)
    expect(await historyOf('alliance', 100)).toEqual([latest, latest])
    await forgetLog('alliance')
    expect(await historyOf('alliance', 100)).toEqual([latest, latest])
  })

  /** As far as it may be in there: keys are short, values not long. */
  const dataOf = (text: string): Record<string, string | number> => ({
    length: text.length,
    ...(text.length <= limits.messageDataValueMaxChars ? { text } : {}),
    ...(text.length <= 64 ? { [text]: text } : {}),
  })

  it('what services say is not theirs to refuse: it comes back as it is', async () => {
    const harmful = refusedTexts
      .map(([text]) => text)
      .filter((text) => text !== '' && text.length <= 5_000 && !text.includes('\0'))
    const said = [...texts, ...harmful]
    const target = `alliance-${cast.allianceId}`
    for (const text of said) {
      const data = dataOf(text)
      await gate.peer.call(
        system.announce,
        { channel: target, text, data },
        { to: { type: 'chat', key: 'x' } },
      )
    }
    await expect(
      gate.peer.call(system.announce, { text: 'a\0b' }, { to: { type: 'chat', key: 'x' } }),
    ).rejects.toMatchObject({ code: 'BAD_REQUEST', metadata: { path: 'text' } })
    const check = (messages: readonly ChatMessage[]) => {
      expect(textsOf(messages)).toEqual(said)
      expect(messages.map(({ data }) => data)).toEqual(said.map(dataOf))
    }
    for (const session of both) check(await gate.receives(session, said.length))
    const read = async (session: RoleSession) =>
      (await gate.request(session, channel.history, { channel: 'alliance', limit: 100 })).messages
    for (const session of both) check(await read(session))
    await forgetLog('alliance')
    for (const session of both) check(await read(session))
  })

  it('the name of a role is shown with what it says as it is', async () => {
    const { member } = cast
    for (const [index, name] of roleNames.entries()) {
      const body = { rid: member.rid, name, level: 1 }
      await gate.peer.call(presence.update, body, { to: { type: 'chat', key: member.uid } })
      await gate.request(member, channel.send, { channel: 'alliance', text: 'hello' })
      expect((await gate.receives(cast.leader, index + 1)).at(-1)?.from.name).toBe(name)
      const { members } = await gate.request(cast.leader, alliance.members, { allianceId: cast.allianceId })
      expect(members.map((each) => each.name)).toContain(name)
    }
    await forgetLog('alliance')
    const { messages } = await gate.request(cast.leader, channel.history, { channel: 'alliance', limit: 50 })
    expect(messages.map(({ from }) => from.name)).toEqual(roleNames)
  })
}

const roleNames = [
  'Müller',
  '龍虎𠮷',
  'नमस्ते',
  'ที่นี่',
  'שָׁלוֹם',
  'e\u0301te\u0301',
  'Ａ１',
  'ﷺ'.repeat(16),
  '한국'.normalize('NFD'),
]
