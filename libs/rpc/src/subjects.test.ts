import { expect, test } from 'vitest'
import { eventSubject, serverSubject, topicSubject } from './subjects.ts'

test('every subject starts with the cluster and holds plain tokens only', () => {
  expect(serverSubject('dev', 'game', 'a-1_B')).toBe('hydra.dev.srv.game.a-1_B')
  expect(topicSubject('dev', 'chat-world')).toBe('hydra.dev.topic.chat-world')
  expect(eventSubject('dev', 'game.role.left')).toBe('hydra.dev.event.game.role.left')
})

test.each(['', '*', '>', 'a.b', 'a b', 'ü', 'x'.repeat(129), 'a\r\nPUB b'])(
  'refuses %j as a token',
  (token) => {
    for (const make of [
      () => serverSubject('dev', 'game', token),
      () => serverSubject(token, 'game', 'a'),
      () => topicSubject('dev', token),
    ]) {
      expect(make).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    }
  },
)
