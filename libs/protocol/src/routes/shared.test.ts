import { describe, expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { credentials, username } from '../account.ts'
import { channelName, send } from './chat/channel.ts'
import { id, roleName } from './shared.ts'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('roleName', () => {
  test.each(['Ada', 'Åse Ødegård', '勇者', 'R2-D2', 'x_1', 'a.b', 'é'.normalize('NFD') + 'x'])(
    '%j',
    (name) => {
      expect(accepts(roleName, name)).toBe(true)
    },
  )

  test.each([
    'A',
    ' Ada',
    'Ada ',
    'A\u0000a',
    'A\nda',
    'Ad\u202Ea',
    'Ada\u200B',
    '<b>',
    '_a',
    'a_',
    'x'.repeat(limits.roleNameMaxChars + 1),
    42,
  ])('not %j', (name) => {
    expect(accepts(roleName, name)).toBe(false)
  })
})

describe('names that become part of bus subjects', () => {
  test.each(['world', 'alliance-42', 'user-a_b'])('channel %j', (name) => {
    expect(accepts(channelName, name)).toBe(true)
  })

  test.each(['', 'World', 'world.x', 'a*', 'a>', 'a b', 'alliance-', `a-${'x'.repeat(80)}`])(
    'no channel %j',
    (name) => {
      expect(accepts(channelName, name)).toBe(false)
    },
  )

  test.each(['', 'a.b', 'a*', 'a\n', 'x'.repeat(65)])('no id %j', (value) => {
    expect(accepts(id, value)).toBe(false)
  })
})

test('credentials: bounded, and a user name has no room for look-alikes', () => {
  expect(accepts(credentials, { username: 'ada@example.org', password: 'correct horse' })).toBe(true)
  expect(accepts(credentials, { username: 'ada', password: 'short' })).toBe(false)
  expect(accepts(credentials, { username: 'ada', password: 'x'.repeat(limits.passwordMaxChars + 1) })).toBe(
    false,
  )
  for (const name of ['ad', 'аda', 'ada lovelace', 'x'.repeat(33)])
    expect(accepts(username, name)).toBe(false)
})

test('chat text: trimmed, not empty, line breaks but no other control characters', () => {
  const parse = (text: string) => send.request.safeParse({ channel: 'world', text })
  expect(parse('  hi\nthere ')).toMatchObject({ success: true, data: { text: 'hi\nthere' } })
  for (const text of ['', '   ', 'a\u0007b', 'a\u0000', 'x'.repeat(limits.chatTextMaxGraphemes + 1)]) {
    expect(parse(text).success).toBe(false)
  }
})
