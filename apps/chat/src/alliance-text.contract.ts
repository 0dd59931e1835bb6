import { countGraphemes, routes } from '@hydra/protocol'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { castOf, type ChatCast } from './test-support/chat-cast.ts'
import { ChatWorld } from './test-support/chat-world.ts'
import { errorOf } from './test-support/error-of.ts'
import { keptTexts, refusedTexts } from './test-support/hard-texts.ts'
import type { TestBackends } from './test-support/test-backends.ts'
import type { TestGate } from './test-support/test-gate.ts'

const { alliance } = routes.chat
const texts = keptTexts.map(([, text]) => text)

/** What is written about alliances is shown as it was written, and found; or it is refused with the reason. */
export function allianceTextContract(open: () => Promise<TestBackends>): void {
  let world: ChatWorld
  let gate: TestGate
  let cast: ChatCast
  let casts = 0

  beforeAll(async () => {
    world = new ChatWorld(await open())
    await world.startChat({ alliance: { price: 0 } })
    gate = (await world.startGate()).gate
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    cast = await castOf(world, gate, `${(casts += 1)}`)
  })

  it('what is written about an alliance is stored, shown and answered as it was written', async () => {
    for (const text of texts.filter((each) => countGraphemes(each) <= 200)) {
      const written = { notice: text, description: text }
      const { leader } = cast
      expect((await gate.request(leader, alliance.update, written)).alliance).toMatchObject(written)
      expect(await world.storage.alliances.find(cast.allianceId)).toMatchObject(written)
      for (const session of [cast.leader, cast.member]) {
        expect((await gate.request(session, alliance.mine, {})).alliance).toMatchObject(written)
        const { allianceId } = cast
        expect((await gate.request(session, alliance.get, { allianceId })).alliance.description).toBe(text)
      }
    }
    const before = await world.storage.alliances.find(cast.allianceId)
    for (const path of ['notice', 'description']) {
      // It may be empty, and is shorter.
      for (const [text, expectation] of refusedTexts.filter(
        ([, why]) => !/\d{3,}|at least one character$/.test(why),
      )) {
        const { code, metadata } = await errorOf(gate, cast.leader, alliance.update, { [path]: text })
        expect({ text, code, metadata }).toEqual({
          text,
          code: 'BAD_REQUEST',
          metadata: { path, expectation },
        })
      }
    }
    expect(await world.storage.alliances.find(cast.allianceId)).toEqual(before)
  })

  it('an alliance is found by each beginning of its name and tag, whatever case and width', async () => {
    const { outsider, leader, absent: another } = cast
    await gate.enter(another, 'Another')
    for (const [name, tag, ...alike] of allianceNames) {
      const made = await gate.request(outsider, alliance.create, { name, tag, policy: 'open' })
      expect(made.alliance).toMatchObject({ name, tag })
      const beginnings = [name.slice(0, [...name][0]?.length), name, tag, ...alike]
      for (const text of beginnings.flatMap((each) => [each, each.toLowerCase(), each.toUpperCase()])) {
        for (const session of [outsider, leader]) {
          const { alliances } = await gate.request(session, alliance.search, { text, limit: 50 })
          expect({ text, found: alliances.map((each) => each.name) }).toEqual({
            text,
            found: expect.arrayContaining([name]),
          })
        }
      }
      for (const same of [name, name.toUpperCase(), name.normalize('NFKC'), name.normalize('NFD')]) {
        // Some forms of it are too long for a name.
        const { code } = await errorOf(gate, another, alliance.create, { name: same, tag: 'ELSE' })
        expect({ same, code }).toEqual({
          same,
          code: same.length > 20 ? 'BAD_REQUEST' : 'ALLIANCE_NAME_TAKEN',
        })
      }
      await gate.request(outsider, alliance.disband, {})
    }
  })

  it('a name that cannot be told from others is refused with a reason', async () => {
    const bad = [
      'a\u200db',
      'a\u202eb',
      '\u0301ab',
      'a👍b',
      'ab\ufe0f',
      'a\u3164b',
      ' ab',
      'ab ',
      'a\nb',
      'a\u0000b',
    ]
    for (const name of [
      ...bad,
      'a%b',
      'a*b',
      'a>b',
      'a<b',
      'a\\b',
      '\u2066ab\u2069',
      'a\ufeffb',
      'a\u00a0b',
    ]) {
      const { code, metadata } = await errorOf(gate, cast.outsider, alliance.create, { name, tag: 'GOOD' })
      expect({ name, code, metadata }).toEqual({
        name,
        code: 'BAD_REQUEST',
        metadata: { path: 'name', expectation: "letters, digits, inner blanks and _ . - '" },
      })
    }
  })
}

/** Name and tag of alliances, and what else they are found by. */
const allianceNames: readonly (readonly [name: string, tag: string, ...alike: string[]])[] = [
  ['Müller', 'MÜL', 'MU\u0308LLER', 'ＭÜ'],
  ['ＦＵＬＬ ｗｉｄｔｈ', 'ＦＷ', 'full width', 'FULL W'],
  ['Москва', 'МСК', 'МОСК'],
  ['龍虎𠮷野家', '𠮷𠮷', '龍虎𠮷'],
  ['नमस्ते', 'नमत', 'नम'],
  ['한국', '한국', '한국'.normalize('NFD')],
  ['ｶﾞｷﾞｸﾞ', 'ｶｷｸ', 'ガギ', 'ガ'],
  ['שָׁלוֹם', 'שלם'],
  ['ที่นี่', 'ทน'],
  ['ﷺ'.repeat(20), 'ﷺ'.repeat(5), 'ﷺ', 'صلى'],
  ["O'Neil_x", 'ONX', "o'neil_"],
  ['e\u0301te\u0301', 'E1', '\u00e9t\u00e9'],
]
